from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tenant_content import content_of

from sealgate.errors import Conflict, ConnectorNotFound, PreconditionFailed
from sealgate.stores import SqlStore
from sealgate.stores.ports import ConnectorChanges


def document(name: str = "Weather") -> dict[str, Any]:
    return {"name": name, "url": "https://api.example.com/ü", "headers": [{"key": "z"}, {"key": "a"}]}


async def test_a_connector_comes_back_as_saved(store: SqlStore) -> None:
    stored, created = await store.put_connector("default", "weather", document(), actor="ada")
    assert created
    assert (stored.permalink, stored.source, stored.updated_by) == ("weather", None, "ada")
    assert await store.get_connector("default", "weather") == stored
    assert list(await store.list_connectors("default")) == [stored]
    assert list(stored.document) == ["name", "url", "headers"]


async def test_replacing_keeps_the_beginning_and_raises_the_revision(store: SqlStore) -> None:
    first, _ = await store.put_connector("default", "weather", document(), actor="ada")
    second, created = await store.put_connector("default", "weather", document("New"), actor="bob")
    assert not created
    assert second.document["name"] == "New"
    assert second.created_at == first.created_at
    assert second.updated_at >= first.updated_at
    assert second.revision > first.revision
    assert await store.get_connector("default", "weather") == second


async def test_a_connector_made_again_never_meets_an_old_revision(store: SqlStore) -> None:
    old, _ = await store.put_connector("default", "weather", document(), actor="ada")
    await store.delete_connector("default", "weather", actor="ada")
    new, _ = await store.put_connector("default", "weather", document(), actor="ada")
    assert new.revision > old.revision


async def test_tenants_do_not_see_each_other(store: SqlStore) -> None:
    await store.put_connector("acme", "weather", document("Acme"), actor="ada")
    await store.put_connector("default", "weather", document("Ours"), actor="ada")
    await store.delete_connector("acme", "weather", actor="ada")
    assert [one.document["name"] for one in await store.list_connectors("default")] == ["Ours"]
    with pytest.raises(ConnectorNotFound):
        await store.get_connector("acme", "weather")


async def test_create_only_does_not_replace(store: SqlStore) -> None:
    await store.put_connector("default", "weather", document(), actor="ada", create_only=True)
    with pytest.raises(Conflict, match="'weather' exists"):
        await store.put_connector("default", "weather", document("New"), actor="ada", create_only=True)
    assert (await store.get_connector("default", "weather")).document["name"] == "Weather"


async def test_a_stale_revision_is_refused(store: SqlStore) -> None:
    stored, _ = await store.put_connector("default", "weather", document(), actor="ada")
    stale = stored.revision - 1
    with pytest.raises(PreconditionFailed):
        await store.put_connector("default", "weather", document("New"), actor="ada", if_revision=stale)
    with pytest.raises(PreconditionFailed):
        await store.delete_connector("default", "weather", actor="ada", if_revision=stale)
    with pytest.raises(PreconditionFailed):
        await store.put_connector("default", "other", document(), actor="ada", if_revision=1)
    assert await store.get_connector("default", "weather") == stored
    await store.delete_connector("default", "weather", actor="ada", if_revision=stored.revision)
    assert not await store.list_connectors("default")


async def test_of_many_who_saw_one_revision_one_wins(store: SqlStore) -> None:
    seen, _ = await store.put_connector("default", "weather", document(), actor="ada")
    results = await asyncio.gather(
        *(
            store.put_connector(
                "default", "weather", document(str(number)), actor="ada", if_revision=seen.revision
            )
            for number in range(20)
        ),
        return_exceptions=True,
    )
    (winner,) = [result for result in results if not isinstance(result, BaseException)]
    assert sum(isinstance(result, PreconditionFailed) for result in results) == 19
    assert await store.get_connector("default", "weather") == winner[0]


async def test_deleting_what_is_not_there(store: SqlStore) -> None:
    with pytest.raises(ConnectorNotFound, match="'weather'"):
        await store.delete_connector("default", "weather", actor="ada")


async def test_a_source_creates_updates_and_deletes_at_once(store: SqlStore) -> None:
    await store.apply_source(
        "default",
        ConnectorChanges("main", created=(("a", document("A")), ("b", document("B")), ("c", document("C")))),
        actor="sync",
    )
    before = {one.permalink: one for one in await store.list_connectors("default")}
    await store.apply_source(
        "default",
        ConnectorChanges("main", (("d", document("D")),), (("a", document("A2")),), ("b",)),
        actor="sync2",
    )
    after = {one.permalink: one for one in await store.list_connectors("default")}
    assert {permalink: one.document["name"] for permalink, one in after.items()} == {
        "a": "A2",
        "c": "C",
        "d": "D",
    }
    assert {one.source for one in after.values()} == {"main"}
    assert after["a"].created_at == before["a"].created_at
    assert after["a"].revision > before["a"].revision
    assert after["a"].updated_by == "sync2"
    assert after["c"] == before["c"]


async def test_a_repeated_sync_ends_at_the_same(store: SqlStore) -> None:
    changes = ConnectorChanges("main", created=(("a", document()),), deleted=("gone",))
    await store.apply_source("default", changes, actor="sync")
    await store.apply_source("default", changes, actor="sync")
    assert [one.permalink for one in await store.list_connectors("default")] == ["a"]


@pytest.mark.parametrize(
    "changes",
    [
        ConnectorChanges("main", created=(("new", document()), ("hand", document()), ("other", document()))),
        ConnectorChanges(
            "main", created=(("new", document()),), updated=(("hand", document()), ("other", document()))
        ),
        ConnectorChanges("main", created=(("new", document()),), deleted=("own", "hand", "other")),
    ],
    ids=["create", "update", "delete"],
)
async def test_a_source_leaves_what_is_not_its_own(store: SqlStore, changes: ConnectorChanges) -> None:
    await store.put_connector("default", "hand", document(), actor="ada")
    await store.apply_source("default", ConnectorChanges("o", (("other", document()),)), actor="sync")
    await store.apply_source("default", ConnectorChanges("main", (("own", document()),)), actor="sync")
    before = await content_of(store)
    with pytest.raises(Conflict) as caught:
        await store.apply_source("default", changes, actor="sync")
    assert caught.value.params == ("hand", "other")
    assert "hand, other" in caught.value.detail
    assert await content_of(store) == before


async def test_nobody_changes_by_hand_what_a_source_owns(store: SqlStore) -> None:
    await store.apply_source("default", ConnectorChanges("main", (("a", document()),)), actor="sync")
    with pytest.raises(Conflict, match="'main'"):
        await store.put_connector("default", "a", document("Mine"), actor="ada")
    with pytest.raises(Conflict, match="'main'"):
        await store.delete_connector("default", "a", actor="ada")
    assert (await store.get_connector("default", "a")).document == document()


@pytest.mark.parametrize(
    "value",
    [
        2**64,
        -(2**70),
        12345678901234567890123,
        1e300,
        0.1,
        -0.0,
        True,
        None,
        "\ud800",
        "ü \U0001f680",
        {"": [[]]},
    ],
)
async def test_a_document_comes_back_as_it_was_saved(store: SqlStore, value: Any) -> None:
    claims = {**document(), "authentication": {"type": "jwt", "config": {"claims": {"c": value}}}}
    stored, _ = await store.put_connector("default", "a", claims, actor="ada")
    for found in (stored, await store.get_connector("default", "a")):
        assert repr(found.document) == repr(claims)


async def test_a_source_may_be_large(store: SqlStore) -> None:
    many = tuple((f"c-{number:04}", document(str(number))) for number in range(3000))
    await store.apply_source("default", ConnectorChanges("main", created=many), actor="sync")
    names = [one.permalink for one in await store.list_connectors("default")]
    assert names == [permalink for permalink, _ in many]
    await store.apply_source("default", ConnectorChanges("main", deleted=tuple(names)), actor="sync")
    assert not (await content_of(store)).connectors
