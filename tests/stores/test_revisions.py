from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from sealgate.errors import NotFound
from sealgate.stores import SqlStore
from sealgate.stores.ports import ConnectorChanges
from sealgate.stores.revision_ports import DAYS_AFTER_DELETION, KEPT


def document(name: str = "Weather") -> dict[str, Any]:
    return {"name": name, "url": "https://api.example.com/ü"}


async def history(store: SqlStore, permalink: str = "weather", tenant: str = "default") -> list[Any]:
    return [
        (info.saved_by, info.source, info.deleted) for info in await store.list_revisions(tenant, permalink)
    ]


async def test_every_save_by_hand_is_kept(store: SqlStore) -> None:
    first, _ = await store.put_connector("default", "weather", document(), actor="ada")
    second, _ = await store.put_connector("default", "weather", document("New"), actor="bob")
    assert await history(store) == [("bob", None, False), ("ada", None, False)]
    listed = await store.list_revisions("default", "weather")
    assert [info.revision for info in listed] == [second.revision, first.revision]
    old = await store.get_revision("default", "weather", first.revision)
    assert old.document == document() and old.info.saved_at == first.updated_at


async def test_what_a_source_does_is_kept(store: SqlStore) -> None:
    for changes in (
        ConnectorChanges("repo", created=(("weather", document()), ("other", document()))),
        ConnectorChanges("repo", updated=(("weather", document("New")),)),
        ConnectorChanges("repo", deleted=("weather", "never-there")),
    ):
        await store.apply_source("default", changes, actor="git")
    assert await history(store) == [("git", None, True), ("git", "repo", False), ("git", "repo", False)]
    assert await history(store, "other") == [("git", "repo", False)]
    assert await history(store, "never-there") == []


@pytest.mark.parametrize(("keep", "last"), [(True, ("ada", None, False)), (False, ("ada", None, True))])
async def test_a_source_that_is_deleted_leaves_a_revision(store: SqlStore, keep: bool, last: Any) -> None:
    await store.ensure_source("default", "repo", "upload", actor="ada")
    await store.apply_source(
        "default", ConnectorChanges("repo", created=(("weather", document()),)), actor="git"
    )
    await store.delete_source("default", "repo", keep_connectors=keep, actor="ada")
    assert (await history(store))[0] == last
    if keep:
        now = await store.get_connector("default", "weather")
        kept = await store.get_revision("default", "weather", now.revision)
        assert kept.document == now.document == document()


async def test_the_last_fifty_are_kept(store: SqlStore) -> None:
    await store.put_connector("default", "other", document(), actor="ada")
    for number in range(KEPT + 3):
        await store.put_connector("default", "weather", document(str(number)), actor="ada")
    listed = await store.list_revisions("default", "weather")
    assert len(listed) == KEPT
    oldest = await store.get_revision("default", "weather", listed[-1].revision)
    assert oldest.document["name"] == "3"
    assert len(await history(store, "other")) == 1


async def test_a_deleted_connectors_history_is_continued(store: SqlStore) -> None:
    await store.put_connector("default", "weather", document(), actor="ada")
    await store.delete_connector("default", "weather", actor="bob")
    await store.put_connector("default", "weather", document("New"), actor="eve")
    assert await history(store) == [("eve", None, False), ("bob", None, True), ("ada", None, False)]


async def test_a_deleted_connectors_revisions_are_forgotten(
    store: SqlStore, sql: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for permalink in ("weather", "taken-again"):
        stored, _ = await store.put_connector("default", permalink, document(), actor="ada")
        await store.delete_connector("default", permalink, actor="ada")
    await store.put_connector("default", "taken-again", document(), actor="ada")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + DAYS_AFTER_DELETION * 86_400 - 60)
    assert len(await history(store)) == 2
    monkeypatch.setattr(time, "time", lambda: now + DAYS_AFTER_DELETION * 86_400 + 60)
    assert await history(store) == []
    with pytest.raises(NotFound):
        await store.get_revision("default", "weather", stored.revision - 2)
    await store.put_connector("default", "other", document(), actor="ada")
    left = sql("SELECT DISTINCT permalink FROM connector_revisions ORDER BY permalink")
    assert left == [("other",), ("taken-again",)]


async def test_a_refused_change_leaves_nothing(store: SqlStore) -> None:
    stored, _ = await store.put_connector("default", "weather", document(), actor="ada")
    with pytest.raises(Exception, match="not at revision"):
        await store.put_connector(
            "default", "weather", document("New"), actor="bob", if_revision=stored.revision - 1
        )
    assert len(await history(store)) == 1


async def test_tenants_have_their_own(store: SqlStore) -> None:
    stored, _ = await store.put_connector("acme", "weather", document(), actor="ada")
    assert await history(store) == []
    with pytest.raises(NotFound):
        await store.get_revision("default", "weather", stored.revision)
