"""What holds for the store as a whole: one view, one counter, nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.exc import StatementError
from tenant_content import content_of

from sealgate.errors import Conflict, SealgateError
from sealgate.secret import Secret
from sealgate.stores import SqlStore, store_in_memory
from sealgate.stores.ports import ConnectorChanges, TenantContent

OPEN = Callable[[], Awaitable[SqlStore]]
DOCUMENT: dict[str, Any] = {"name": "Weather", "url": "https://api.example.com/"}

Change = Callable[[SqlStore], Awaitable[object]]
CHANGES: dict[str, Change] = {
    "put connector": lambda store: store.put_connector("default", "weather", DOCUMENT, actor="ada"),
    "delete connector": lambda store: store.delete_connector("default", "there", actor="ada"),
    "apply source": lambda store: store.apply_source("default", ConnectorChanges("main"), actor="ada"),
    "put secret": lambda store: store.put_secret("default", "new", Secret("v"), actor="ada"),
    "set allowed hosts": lambda store: store.set_allowed_hosts("default", "secret", [], actor="ada"),
    "delete secret": lambda store: store.delete_secret("default", "secret", actor="ada"),
    "put variable": lambda store: store.put_variable("default", "new", "v", actor="ada"),
    "delete variable": lambda store: store.delete_variable("default", "variable", actor="ada"),
    "create token": lambda store: store.create_api_token("default", "ci", frozenset({"read"}), actor="ada"),
}
REFUSED: dict[str, Change] = {
    "create connector": lambda store: store.put_connector(
        "default", "there", DOCUMENT, actor="ada", create_only=True
    ),
    "delete connector": lambda store: store.delete_connector("default", "weather", actor="ada"),
    "apply source": lambda store: store.apply_source(
        "default", ConnectorChanges("main", (("there", DOCUMENT),)), actor="ada"
    ),
    "put secret": lambda store: store.put_secret("default", "variable", Secret("v"), actor="ada"),
    "create secret": lambda store: store.put_secret(
        "default", "secret", Secret("v"), actor="ada", create_only=True
    ),
    "set allowed hosts": lambda store: store.set_allowed_hosts("default", "nope", [], actor="ada"),
    "put variable": lambda store: store.put_variable("default", "secret", "v", actor="ada"),
    "create variable": lambda store: store.put_variable(
        "default", "variable", "v", actor="ada", create_only=True
    ),
    "delete token": lambda store: store.delete_api_token("default", "nope", actor="ada"),
}


@pytest.fixture
async def filled(store: SqlStore) -> SqlStore:
    await store.put_connector("default", "there", DOCUMENT, actor="ada")
    await store.put_secret("default", "secret", Secret("v"), actor="ada")
    await store.put_variable("default", "variable", "v", actor="ada")
    return store


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_every_change_is_counted_and_seen_by_others(
    filled: SqlStore, open_again: OPEN, change: Change
) -> None:
    other = await open_again()
    before = await other.change_counter()
    await change(filled)
    assert await other.change_counter() == before + 1
    assert await content_of(other) == await content_of(filled)


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
async def test_what_is_refused_changes_nothing(filled: SqlStore, change: Change) -> None:
    counter, content = await filled.change_counter(), await content_of(filled)
    with pytest.raises(SealgateError):
        await change(filled)
    assert await filled.change_counter() == counter
    assert await content_of(filled) == content


async def test_deleting_a_token_is_counted(store: SqlStore) -> None:
    token, _ = await store.create_api_token("default", "ci", frozenset({"read"}), actor="ada")
    before = await store.change_counter()
    await store.delete_api_token("default", token.id, actor="ada")
    assert await store.change_counter() == before + 1


async def test_a_tenant_without_content_is_empty(store: SqlStore) -> None:
    assert await content_of(store, "nobody") == TenantContent("nobody", {}, (), ())
    assert not await store.list_connectors("nobody")
    assert not await store.list_secrets("nobody")


async def test_a_refused_first_change_makes_no_tenant(store: SqlStore) -> None:
    await store.put_connector("acme", "weather", DOCUMENT, actor="ada")
    with pytest.raises(Conflict):
        await store.apply_source("acme", ConnectorChanges("main", (("weather", DOCUMENT),)), actor="ada")
    await store.put_secret("acme", "k", Secret("v"), actor="ada")
    assert [secret.value for secret in (await content_of(store, "acme")).secrets] == [Secret("v")]


async def test_a_failed_first_change_leaves_no_data_key_behind(store: SqlStore, open_again: OPEN) -> None:
    with pytest.raises(TypeError):
        await store.put_connector("acme", "weather", {"name": object()}, actor="ada")
    await (await open_again()).put_secret("acme", "k", Secret("v"), actor="ada")
    assert [secret.value for secret in (await content_of(store, "acme")).secrets] == [Secret("v")]


async def test_a_failed_statement_does_not_tell_its_values(
    store: SqlStore, sql: Callable[..., list[Any]]
) -> None:
    sql("CREATE TRIGGER full BEFORE INSERT ON variables BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(StatementError, match="disk full") as caught:
        await store.put_variable("default", "v", "c4nary", actor="ada")
    assert "c4nary" not in str(caught.value)


async def test_concurrent_writers_lose_nothing(store: SqlStore, open_again: OPEN) -> None:
    stores = [store, await open_again()]
    before = await store.change_counter()

    async def write(number: int) -> None:
        one = stores[number % 2]
        await one.put_connector("default", f"c-{number}", DOCUMENT, actor="ada")
        await one.put_secret("default", f"s{number}", Secret(str(number)), actor="ada")
        await one.put_variable("default", f"v{number}", str(number), actor="ada")

    await asyncio.gather(*(write(number) for number in range(50)))
    content = await content_of(store)
    assert set(content.connectors) == {f"c-{number}" for number in range(50)}
    assert {one.name: one.value.reveal() for one in content.secrets} == {
        f"s{number}": str(number) for number in range(50)
    }
    assert {one.name: one.value for one in content.variables} == {
        f"v{number}": str(number) for number in range(50)
    }
    assert len({one.revision for one in content.connectors.values()}) == 50
    assert await store.change_counter() == before + 150


async def test_first_contents_of_a_tenant_agree_on_its_data_key(store: SqlStore, open_again: OPEN) -> None:
    stores = [store, await open_again()]
    await asyncio.gather(
        *(
            stores[number % 2].put_secret("acme", f"s{number}", Secret("v"), actor="ada")
            for number in range(10)
        )
    )
    for one in stores:
        assert len((await content_of(one, "acme")).secrets) == 10


async def test_a_cancelled_change_is_done_or_undone_and_holds_nobody_up(
    store: SqlStore, open_again: OPEN
) -> None:
    other = await open_again()
    before = await store.change_counter()
    for turn in range(40):
        task = asyncio.create_task(store.put_variable("default", f"v{turn}", "", actor="ada"))
        # A little later each time: so every statement of the change meets the cancellation.
        await asyncio.sleep(turn / 4000)
        task.cancel()
        await asyncio.wait([task])
        async with asyncio.timeout(10):
            await other.put_variable("default", f"after{turn}", "", actor="ada")
    names = {one.name for one in (await content_of(store)).variables}
    assert {f"after{turn}" for turn in range(40)} <= names
    assert await store.change_counter() == before + len(names)


async def test_cancelled_reads_leave_nothing_behind(store: SqlStore) -> None:
    for turn in range(60):
        task = asyncio.create_task(content_of(store))
        await asyncio.sleep(turn / 10_000)
        task.cancel()
        await asyncio.wait([task])
    async with asyncio.timeout(10):
        await asyncio.gather(*(content_of(store) for _ in range(30)))


def test_derived_keys_differ_by_purpose(store: SqlStore) -> None:
    assert store.derive_key("a") == store.derive_key("a") != store.derive_key("b")
    assert len(store.derive_key("a")) == 32


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_a_look_tells_whether_anybody_wrote(filled: SqlStore, open_again: OPEN, change: Change) -> None:
    other = await open_again()
    assert filled.written_to() and other.written_to(), "the first look knows nothing of before"
    assert not filled.written_to() and not other.written_to()
    await change(filled)
    assert filled.written_to() and other.written_to()
    assert not filled.written_to() and not other.written_to()


async def test_a_store_in_memory_cannot_tell() -> None:
    store = await store_in_memory()
    assert store.written_to() and store.written_to()
    await store.close()
