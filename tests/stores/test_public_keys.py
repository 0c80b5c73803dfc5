from __future__ import annotations

import time

import pytest
from tenant_content import content_of

from sealgate.errors import Conflict, NotFound
from sealgate.secret import Secret
from sealgate.stores import SqlStore
from sealgate.stores.public_key_ports import OVERLAP_HOURS, PublicHalf


async def put(store: SqlStore, kid: str | None, *, published: bool = True, tenant: str = "default") -> None:
    half = None if kid is None else PublicHalf({"kty": "OKP", "kid": kid}, published)
    await store.put_secret(tenant, "key", Secret(f"value {kid}"), actor="ada", public=half)


async def listed(store: SqlStore, tenant: str = "default") -> list[tuple[str, bool]]:
    """The kid of each published key, and whether it is that of a value in force."""
    return [
        (key.jwk["kid"], key.listed_until is None) for key in (await content_of(store, tenant)).public_keys
    ]


async def test_a_replaced_key_stays_listed_for_a_day(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, "a")
    began = time.time()
    await put(store, "b")
    assert await listed(store) == [("b", True), ("a", False)]
    until = (await content_of(store)).public_keys[1].listed_until
    assert until is not None and OVERLAP_HOURS * 3600 <= until - began < OVERLAP_HOURS * 3600 + 60
    monkeypatch.setattr(time, "time", lambda: until + 1)
    await put(store, "c")
    assert await listed(store) == [("c", True), ("b", False)]


async def test_what_is_not_published_is_not_listed(store: SqlStore) -> None:
    await put(store, "a", published=False)
    assert await listed(store) == []
    info = await store.get_secret_info("default", "key")
    assert info.public == PublicHalf({"kty": "OKP", "kid": "a"}, False)
    await put(store, "b")
    assert await listed(store) == [("b", True)]
    await put(store, "c", published=False)
    assert await listed(store) == [("b", False)]


async def test_a_key_that_comes_back(store: SqlStore) -> None:
    for kid in ("a", "b", "a"):
        await put(store, kid)
    assert await listed(store) == [("a", True), ("b", False)]


async def test_a_value_without_public_half(store: SqlStore) -> None:
    await put(store, "a")
    await put(store, None)
    assert await listed(store) == [("a", False)]
    assert (await store.get_secret_info("default", "key")).public is None


async def test_publish_and_withdraw(store: SqlStore) -> None:
    await put(store, "a")
    await put(store, "b")
    withdrawn = PublicHalf({"kty": "OKP", "kid": "b"}, False)
    await store.set_public_half("default", "key", 2, withdrawn)
    assert await listed(store) == []
    assert (await store.get_secret_info("default", "key")).public == withdrawn
    await store.set_public_half("default", "key", 2, PublicHalf(withdrawn.jwk, True))
    assert await listed(store) == [("b", True)]


async def test_another_version_is_not_published(store: SqlStore) -> None:
    half = PublicHalf({"kty": "OKP", "kid": "a"}, True)
    with pytest.raises(NotFound):
        await store.set_public_half("default", "key", 1, half)
    await put(store, None)
    await put(store, None)
    with pytest.raises(Conflict):
        await store.set_public_half("default", "key", 1, half)
    assert await listed(store) == []


async def test_a_deleted_secret_is_listed_no_more(store: SqlStore) -> None:
    await put(store, "a")
    await put(store, "b")
    await put(store, "c", tenant="acme")
    await store.delete_secret("default", "key", actor="ada")
    assert await listed(store) == []
    assert await listed(store, "acme") == [("c", True)]
