from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from tenant_content import content_of

from sealgate.errors import Conflict, DocumentInvalid, NotFound
from sealgate.secret import Secret
from sealgate.stores import SqlStore, StoreUnusable
from sealgate.stores.ports import HostChange, SecretVersion

OPEN = Callable[[], Awaitable[SqlStore]]


async def values(store: SqlStore, tenant: str = "default") -> dict[str, str]:
    return {secret.name: secret.value.reveal() for secret in (await content_of(store, tenant)).secrets}


async def test_a_list_shows_a_secret_without_its_value(store: SqlStore) -> None:
    info, created = await store.put_secret(
        "default", "api_key", Secret("sk-123"), actor="ada", allowed_hosts=["api.example.com"]
    )
    assert created
    assert (info.name, info.first_character, info.version) == ("api_key", "s", 1)
    assert info.allowed_hosts == ("api.example.com",)
    assert info.updated_by == "ada"
    assert info.created_at == info.updated_at
    assert len(info.fingerprint) == 8
    assert "sk-123" not in repr(info)
    assert await store.get_secret_info("default", "api_key") == info
    assert list(await store.list_secrets("default")) == [info]


async def test_the_value_is_loaded_as_a_secret(store: SqlStore) -> None:
    await store.put_secret("default", "api_key", Secret("sk-ü-123"), actor="ada", allowed_hosts=["a.example"])
    (secret,) = (await content_of(store)).secrets
    assert secret.value == Secret("sk-ü-123")
    assert (secret.version, secret.allowed_hosts) == (1, ("a.example",))
    assert "sk-" not in repr(secret)


async def test_a_new_value_is_a_new_version(store: SqlStore, sql: Callable[..., list[Any]]) -> None:
    first, _ = await store.put_secret("default", "k", Secret("one"), actor="ada", allowed_hosts=["a.example"])
    second, created = await store.put_secret("default", "k", Secret("two"), actor="bob")
    assert not created
    assert (second.version, second.updated_by, second.created_at) == (2, "bob", first.created_at)
    assert second.fingerprint != first.fingerprint
    assert second.allowed_hosts == ("a.example",)
    assert await values(store) == {"k": "two"}
    kept = sql("SELECT version, sealed IS NULL, created_by FROM secret_versions ORDER BY version")
    assert kept == [(1, 1, "ada"), (2, 0, "bob")]


async def test_allowed_hosts_change_without_a_new_value(store: SqlStore) -> None:
    first, _ = await store.put_secret("default", "k", Secret("one"), actor="ada")
    changed = await store.set_allowed_hosts("default", "k", ["a.example"], actor="bob")
    assert changed == replace(first, allowed_hosts=("a.example",))
    (secret,) = (await content_of(store)).secrets
    assert (secret.value, secret.allowed_hosts) == (Secret("one"), ("a.example",))
    assert await store.set_allowed_hosts("default", "k", [], actor="bob") == first


async def test_the_newest_versions_come_first(store: SqlStore) -> None:
    for actor in ("ada", "bob", "eve"):
        info, _ = await store.put_secret("default", "k", Secret(actor), actor=actor)
    newest, before = await store.list_secret_versions("default", "k", 2)
    assert newest == SecretVersion(3, info.updated_at, "eve")
    assert (before.version, before.created_by) == (2, "bob")
    with pytest.raises(NotFound, match="'other'"):
        await store.list_secret_versions("default", "other", 2)


async def test_each_change_of_the_hosts_has_an_author(store: SqlStore, sql: Callable[..., list[Any]]) -> None:
    await store.put_secret("default", "k", Secret("one"), actor="ada", allowed_hosts=["a.example"])
    await store.put_secret("default", "k", Secret("two"), actor="bob")
    await store.put_secret("default", "k", Secret("two"), actor="bob", allowed_hosts=["a.example"])
    await store.set_allowed_hosts("default", "k", ["a.example"], actor="carl")
    await store.set_allowed_hosts("default", "k", [], actor="dora")
    await store.put_secret("default", "k", Secret("three"), actor="eve", allowed_hosts=["b.example"])
    changes = await store.list_host_changes("default", "k", 9)
    assert [(change.allowed_hosts, change.changed_by) for change in changes] == [
        (("b.example",), "eve"),
        ((), "dora"),
        (("a.example",), "ada"),
    ]
    newest = await store.list_host_changes("default", "k", 1)
    info = await store.get_secret_info("default", "k")
    assert newest == [HostChange(("b.example",), info.updated_at, "eve")]
    assert await store.list_host_changes("acme", "k", 9) == []
    with pytest.raises(NotFound, match="'other'"):
        await store.set_allowed_hosts("default", "other", [], actor="eve")
    await store.delete_secret("default", "k", actor="ada")
    assert sql("SELECT * FROM host_changes") == []


async def test_allowed_hosts_can_be_lifted(store: SqlStore) -> None:
    await store.put_secret("default", "k", Secret("one"), actor="ada", allowed_hosts=["a.example"])
    info, _ = await store.put_secret("default", "k", Secret("two"), actor="ada", allowed_hosts=[])
    assert info.allowed_hosts == ()


async def test_equal_values_have_equal_fingerprints_in_one_tenant_only(store: SqlStore) -> None:
    one, _ = await store.put_secret("default", "one", Secret("same"), actor="ada")
    two, _ = await store.put_secret("default", "two", Secret("same"), actor="ada")
    other, _ = await store.put_secret("acme", "one", Secret("same"), actor="ada")
    assert one.fingerprint == two.fingerprint != other.fingerprint


async def test_deleting(store: SqlStore, sql: Callable[..., list[Any]]) -> None:
    await store.put_secret("default", "k", Secret("one"), actor="ada")
    await store.delete_secret("default", "k", actor="ada")
    assert await values(store) == {}
    assert sql("SELECT * FROM secret_versions") == []
    with pytest.raises(NotFound, match="'k'"):
        await store.get_secret_info("default", "k")
    with pytest.raises(NotFound, match="'k'"):
        await store.delete_secret("default", "k", actor="ada")


async def test_names_are_case_sensitive(store: SqlStore) -> None:
    await store.put_secret("default", "key", Secret("lower"), actor="ada")
    await store.put_secret("default", "KEY", Secret("upper"), actor="ada")
    assert await values(store) == {"KEY": "upper", "key": "lower"}


async def test_a_variable_keeps_its_name(store: SqlStore) -> None:
    await store.put_variable("default", "region", "eu", actor="ada")
    with pytest.raises(Conflict, match="variable"):
        await store.put_secret("default", "region", Secret("value"), actor="ada")
    await store.put_secret("acme", "region", Secret("value"), actor="ada")
    await store.delete_variable("default", "region", actor="ada")
    await store.put_secret("default", "region", Secret("value"), actor="ada")


@pytest.mark.parametrize(
    ("name", "value", "paths"),
    [
        ("", "x", ["name"]),
        ("api-key", "x", ["name"]),
        ("api key", "x", ["name"]),
        ("123env", "x", ["name"]),
        ("api@key", "x", ["name"]),
        ("näme", "x", ["name"]),
        ("name\n", "x", ["name"]),
        ("n" * 256, "x", ["name"]),
        ("name", "", ["value"]),
        ("name", "c4nary" * 12_000, ["value"]),
        ("name", "ü" * 32_769, ["value"]),
        ("name", "c4nary\x00", ["value"]),
        ("name", "c4nary\ud800", ["value"]),
        ("1", "", ["name", "value"]),
    ],
)
async def test_what_is_refused(store: SqlStore, name: str, value: str, paths: list[str]) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        await store.put_secret("default", name, Secret(value), actor="ada")
    assert [finding.path for finding in caught.value.fields] == paths
    assert all(finding.hint for finding in caught.value.fields)
    assert "c4nary" not in "".join(traceback.format_exception(caught.value)) + str(caught.value.as_json())
    assert await values(store) == {}


@pytest.mark.parametrize("name", ["_", "A", "api_key", "_1", "n" * 255])
async def test_what_is_accepted(store: SqlStore, name: str) -> None:
    await store.put_secret("default", name, Secret("v" * 65536), actor="ada")
    assert await values(store) == {name: "v" * 65536}


async def test_swapped_secrets_are_noticed(store: SqlStore, sql: Callable[..., list[Any]]) -> None:
    for name in ("one", "two", "good"):
        await store.put_secret("default", name, Secret(f"c4nary-{name}"), actor="ada")
    sealed = dict(sql("SELECT name, sealed FROM secret_versions"))
    sql("UPDATE secret_versions SET sealed = ? WHERE name = 'one'", sealed["two"])
    sql("UPDATE secret_versions SET sealed = ? WHERE name = 'two'", sealed["one"])
    for attempt in (content_of(store), store.list_secrets("default")):
        with pytest.raises(StoreUnusable, match="one, two") as caught:
            await attempt
        assert "good" not in caught.value.detail
        assert "c4nary" not in "".join(traceback.format_exception(caught.value))
    await store.put_secret("default", "one", Secret("again"), actor="ada")
    await store.delete_secret("default", "two", actor="ada")
    assert await values(store) == {"one": "again", "good": "c4nary-good"}


async def test_a_secret_of_another_tenant_is_noticed(store: SqlStore, sql: Callable[..., list[Any]]) -> None:
    await store.put_secret("default", "k", Secret("ours"), actor="ada")
    await store.put_secret("acme", "k", Secret("theirs"), actor="ada")
    sql(
        "UPDATE secret_versions SET sealed = "
        "(SELECT sealed FROM secret_versions WHERE tenant = 'acme') WHERE tenant = 'default'"
    )
    with pytest.raises(StoreUnusable, match="set them again"):
        await content_of(store)
    assert [each.first_character for each in await store.list_secrets("acme")] == ["t"]


async def test_an_old_version_in_the_place_of_the_new_is_noticed(
    store: SqlStore, sql: Callable[..., list[Any]]
) -> None:
    await store.put_secret("default", "k", Secret("old"), actor="ada")
    ((old,),) = sql("SELECT sealed FROM secret_versions")
    await store.put_secret("default", "k", Secret("new"), actor="ada")
    sql("UPDATE secret_versions SET sealed = ? WHERE version = 2", old)
    with pytest.raises(StoreUnusable, match="k"):
        await content_of(store)


async def test_swapped_data_keys_are_noticed(
    store: SqlStore, open_again: OPEN, sql: Callable[..., list[Any]]
) -> None:
    await store.put_secret("default", "k", Secret("ours"), actor="ada")
    await store.put_secret("acme", "k", Secret("theirs"), actor="ada")
    sql(
        "UPDATE tenants SET sealed_key = (SELECT sealed_key FROM tenants WHERE name = 'acme') "
        "WHERE name = 'default'"
    )
    with pytest.raises(StoreUnusable, match="'default'"):
        await content_of(await open_again())
