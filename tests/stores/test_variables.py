from __future__ import annotations

import pytest
from tenant_content import content_of

from sealgate.errors import Conflict, DocumentInvalid, NotFound
from sealgate.secret import Secret
from sealgate.stores import SqlStore


async def test_a_variable_comes_back_as_saved(store: SqlStore) -> None:
    stored, created = await store.put_variable("default", "region", "eu", actor="ada")
    assert created
    assert (stored.name, stored.value, stored.updated_by) == ("region", "eu", "ada")
    assert await store.get_variable("default", "region") == stored
    assert list(await store.list_variables("default")) == [stored]
    assert (await content_of(store)).variables == (stored,)


async def test_replacing_keeps_the_beginning(store: SqlStore) -> None:
    first, _ = await store.put_variable("default", "region", "eu", actor="ada")
    second, created = await store.put_variable("default", "region", "us", actor="bob")
    assert not created
    assert (second.value, second.updated_by, second.created_at) == ("us", "bob", first.created_at)
    assert await store.get_variable("default", "region") == second


async def test_a_variable_may_be_empty(store: SqlStore) -> None:
    await store.put_variable("default", "region", "", actor="ada")
    assert (await store.get_variable("default", "region")).value == ""


async def test_deleting(store: SqlStore) -> None:
    await store.put_variable("default", "region", "eu", actor="ada")
    await store.put_variable("acme", "region", "us", actor="ada")
    await store.delete_variable("default", "region", actor="ada")
    with pytest.raises(NotFound, match="'region'"):
        await store.get_variable("default", "region")
    with pytest.raises(NotFound, match="'region'"):
        await store.delete_variable("default", "region", actor="ada")
    assert (await store.get_variable("acme", "region")).value == "us"


async def test_a_secret_keeps_its_name(store: SqlStore) -> None:
    await store.put_secret("default", "token", Secret("value"), actor="ada")
    with pytest.raises(Conflict, match="secret"):
        await store.put_variable("default", "token", "eu", actor="ada")
    await store.put_variable("default", "TOKEN", "eu", actor="ada")


@pytest.mark.parametrize(
    ("name", "value", "paths"),
    [
        ("instance-url", "x", ["name"]),
        ("1st", "x" * 65_537, ["name", "value"]),
        ("name", "\x00", ["value"]),
        ("name", "\ud800", ["value"]),
    ],
)
async def test_what_is_refused(store: SqlStore, name: str, value: str, paths: list[str]) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        await store.put_variable("default", name, value, actor="ada")
    assert [finding.path for finding in caught.value.fields] == paths
    assert not await store.list_variables("default")
