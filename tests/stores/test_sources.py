"""Sources, whose turn it is to run them, and what is kept of their runs."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from sealgate.errors import Conflict, NotFound
from sealgate.settings import Settings
from sealgate.stores import SqlStore, open_store
from sealgate.stores.ports import ConnectorChanges
from sealgate.stores.source_ports import KEPT_RUNS, GitSettings, SyncRun

GIT = GitSettings("https://git.example.com/team/connectors.git", credential="deploy_token")
RUN = SyncRun("poll", "ada", 1000.0, 0.5, "completed", "c0ffee")


async def git_source(store: SqlStore, name: str = "team", **settings: Any) -> None:
    await store.put_git_source("default", name, replace(GIT, **settings), actor="ada")


async def owned(store: SqlStore) -> dict[str, str | None]:
    return {each.permalink: each.source for each in await store.list_connectors("default")}


async def apply(store: SqlStore, source: str, *permalinks: str, revision: int | None = None) -> None:
    created = tuple((name, {"name": name}) for name in permalinks)
    changes = ConnectorChanges(source, created, source_revision=revision)
    await store.apply_source("default", changes, actor="ada")


async def record(store: SqlStore, run: SyncRun, name: str = "team") -> None:
    id = await store.begin_run("default", name, replace(run, state="in_progress"))
    await store.end_run("default", name, id, run)


async def test_a_database_of_the_first_version_is_upgraded(
    settings: Settings, sql: Callable[..., list[Any]]
) -> None:
    store = await open_store(settings)
    await apply(store, "ci", "a")
    await apply(store, "weather.json", "b", "c")
    await store.put_connector("default", "by-hand", {"name": "d"}, actor="ada")
    await store.close()
    for statement in (
        "DROP TABLE host_changes",
        "DROP TABLE public_keys",
        "DROP TABLE studio_sessions",
        "DROP TABLE login_links",
        "DROP TABLE connector_revisions",
        "DROP TABLE captures",
        "DROP TABLE runs",
        "DROP TABLE sync_runs",
        "DROP TABLE sources",
        "ALTER TABLE tenants DROP COLUMN changed",
        "DROP INDEX ix_connectors_revision",
    ):
        sql(statement)
    sql("UPDATE alembic_version SET version_num = '0001'")
    store = await open_store(settings)
    found = {source.name: (source.kind, source.git) for source in await store.list_sources("default")}
    assert found == {"ci": ("upload", None), "weather.json": ("file", None)}
    assert len(await owned(store)) == 4
    for connector in await store.list_connectors("default"):
        (first,) = await store.list_revisions("default", connector.permalink)
        assert (first.revision, first.source) == (connector.revision, connector.source)
        kept = await store.get_revision("default", connector.permalink, first.revision)
        assert kept.document == connector.document
    await git_source(store)
    await record(store, RUN)
    await store.close()


async def test_a_git_source_is_kept_as_it_was_given(store: SqlStore) -> None:
    await git_source(store, branch="live", enabled=False)
    source = await store.get_source("default", "team")
    assert source.git == replace(GIT, branch="live", enabled=False)
    assert (source.kind, source.updated_by) == ("git", "ada")
    changed, created = await store.put_git_source("default", "team", GIT, actor="bob")
    assert not created and changed.git == GIT and changed.revision > source.revision
    assert changed.created_at == source.created_at
    with pytest.raises(NotFound):
        await store.get_source("other", "team")


async def test_kinds(store: SqlStore) -> None:
    await store.ensure_source("default", "ci", "upload", actor="ada")
    await store.ensure_source("default", "one.json", "upload", actor="ada")
    await store.ensure_source("default", "one.json", "file", actor="ada")
    await store.put_git_source("default", "ci", GIT, actor="ada")
    with pytest.raises(Conflict, match="file"):
        await store.put_git_source("default", "one.json", GIT, actor="ada")
    with pytest.raises(Conflict, match="git repository"):
        await store.ensure_source("default", "ci", "upload", actor="ada")
    assert {each.name: each.kind for each in await store.list_sources("default")} == {
        "ci": "git",
        "one.json": "file",
    }


@pytest.mark.parametrize(("keep", "left"), [(False, {"m": None}), (True, {"a": None, "b": None, "m": None})])
async def test_delete(store: SqlStore, keep: bool, left: dict[str, None]) -> None:
    await git_source(store)
    await store.put_connector("default", "m", {"name": "m"}, actor="ada")
    await apply(store, "team", "a", "b")
    await record(store, RUN)
    assert await store.delete_source("default", "team", keep_connectors=keep, actor="ada") == ("a", "b")
    assert await owned(store) == left
    assert await store.list_runs("default", "team") == []
    with pytest.raises(NotFound):
        await store.delete_source("default", "team", keep_connectors=keep, actor="ada")


async def test_a_source_that_changed_while_it_ran_changes_nothing(store: SqlStore) -> None:
    await git_source(store)
    revision = (await store.get_source("default", "team")).revision
    await apply(store, "team", "a", revision=revision)
    await git_source(store, branch="other")
    with pytest.raises(Conflict, match="while it ran"):
        await apply(store, "team", "b", revision=revision)
    await store.delete_source("default", "team", keep_connectors=False, actor="ada")
    with pytest.raises(Conflict, match="while it ran"):
        await apply(store, "team", "b", revision=revision)
    assert await owned(store) == {}


async def due(store: SqlStore, after: float = 0.0) -> list[str]:
    return [source.name for source in await store.due_sources(time.time() + after)]


async def test_whose_turn_it_is(store: SqlStore, open_again: Callable[[], Awaitable[SqlStore]]) -> None:
    await git_source(store)
    await git_source(store, "off", enabled=False)
    await store.ensure_source("default", "ci", "upload", actor="ada")
    assert await due(store) == ["team"]
    other = await open_again()
    assert await store.lease_source("default", "team", "one", 60)
    assert not await other.lease_source("default", "team", "two", 60)
    assert await due(store) == []
    await store.release_source("default", "team", "one", time.time(), failed=False)
    assert (await due(store), await due(store, 61)) == ([], ["team"])
    await store.request_sync("default", "team", "webhook", actor="hook")
    (source,) = await store.due_sources(time.time())
    assert (source.sync_trigger, source.sync_actor) == ("webhook", "hook")


async def test_a_lease_ends_with_its_time(store: SqlStore) -> None:
    await git_source(store)
    assert await store.lease_source("default", "team", "one", 0)
    assert await store.lease_source("default", "team", "two", 60)
    await store.release_source("default", "team", "one", time.time(), failed=False)
    assert await due(store) == [], "the lease of another is left alone"


async def test_what_was_asked_for_during_a_run_stays(store: SqlStore) -> None:
    await git_source(store)
    await store.request_sync("default", "team", "manual", actor="ada")
    began = time.time()
    await store.lease_source("default", "team", "one", 60)
    await store.release_source("default", "team", "one", began, failed=False)
    assert await due(store) == []
    await store.lease_source("default", "team", "one", 60)
    await store.request_sync("default", "team", "webhook", actor="hook")
    await store.release_source("default", "team", "one", began, failed=False)
    assert await due(store) == ["team"]


async def test_settings_changed_during_a_run_are_due(store: SqlStore) -> None:
    await git_source(store)
    began = time.time()
    await store.lease_source("default", "team", "one", 60)
    await git_source(store, branch="other")
    await store.release_source("default", "team", "one", began, failed=False)
    assert await due(store) == ["team"]


async def test_back_off(store: SqlStore) -> None:
    await git_source(store)
    pauses = []
    for _ in range(6):
        await store.lease_source("default", "team", "one", 60)
        await store.release_source("default", "team", "one", time.time(), failed=True)
        source = await store.get_source("default", "team")
        pauses.append(round(source.next_sync_at - time.time()))
    assert pauses == [120, 240, 480, 900, 900, 900]
    await store.lease_source("default", "team", "one", 60)
    await store.release_source("default", "team", "one", time.time(), failed=False)
    assert round((await store.get_source("default", "team")).next_sync_at - time.time()) == 60


@pytest.mark.parametrize(
    ("second", "kept"),
    [
        (RUN, 1),
        (replace(RUN, trigger="manual", actor="bob", started_at=2000.0, seconds=9.0), 1),
        (replace(RUN, revision="beef"), 2),
        (replace(RUN, state="failed", error="unreachable"), 2),
        (replace(RUN, updated=("a",)), 2),
        (replace(RUN, warnings=({"path": "x", "message": "y"},)), 2),
    ],
)
async def test_a_run_that_says_nothing_new_is_not_kept(store: SqlStore, second: SyncRun, kept: int) -> None:
    await git_source(store)
    await record(store, RUN)
    await record(store, second)
    runs = await store.list_runs("default", "team")
    assert len(runs) == kept
    assert runs[0] == (second if kept == 2 else RUN)
    assert await store.last_runs("default") == {"team": runs[0]}


async def test_the_last_hundred_runs_are_kept(store: SqlStore) -> None:
    await git_source(store)
    await git_source(store, "other")
    await record(store, RUN, "other")
    for number in range(KEPT_RUNS + 5):
        await record(store, replace(RUN, revision=str(number)))
    runs = await store.list_runs("default", "team")
    assert [run.revision for run in runs] == [str(number) for number in range(KEPT_RUNS + 4, 4, -1)]
    assert len(await store.list_runs("default", "other")) == 1


async def test_a_run_whose_process_died(store: SqlStore) -> None:
    await git_source(store)
    await store.begin_run("default", "team", replace(RUN, state="in_progress"))
    await record(store, RUN)
    states = [(run.state, run.error) for run in await store.list_runs("default", "team")]
    assert states == [("completed", None), ("failed", "the process that ran it ended")]
