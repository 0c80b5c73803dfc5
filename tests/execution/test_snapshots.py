"""Snapshots follow the store: what changed is new, and what did not is the same object as before."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from sealgate.execution.engine import Engine
from sealgate.execution.trial import TestRequest
from sealgate.secret import Secret, reveal
from sealgate.settings import Settings
from sealgate.testing import FakeApi

SECONDS = 10
"""A second is what is promised (design section 3); a machine that runs tests may be slow."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, egress_allow=("http://127.0.0.1:*",))


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[Engine]:
    async with await Engine.start(settings) as running:
        yield running


@pytest.fixture
async def other(engine: Engine, settings: Settings) -> AsyncIterator[Engine]:
    """On the same store, with no way to the first engine but that."""
    async with await Engine.start(settings) as running:
        yield running


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as server:
        yield server


async def save(engine: Engine, tenant: str, permalink: str, url: str = "https://api.example.com/") -> None:
    document = engine.check(tenant, {"name": permalink, "url": url}).document
    assert document is not None
    await engine.store.put_connector(tenant, permalink, document, actor="test")


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        await asyncio.sleep(0.02)


CHANGES: dict[str, tuple[Callable[[Engine], Awaitable[object]], Callable[[Engine], bool]]] = {
    "a connector is created": (
        lambda engine: save(engine, "default", "new"),
        lambda engine: "new" in engine.tenant("default").connectors,
    ),
    "a connector is updated": (
        lambda engine: save(engine, "default", "there", "https://other.example.com/"),
        lambda engine: "other.example" in engine.tenant("default").connectors["there"].document["url"],
    ),
    "a connector is deleted": (
        lambda engine: engine.store.delete_connector("default", "there", actor="test"),
        lambda engine: "there" not in engine.tenant("default").connectors,
    ),
    "a secret is changed": (
        lambda engine: engine.store.put_secret("default", "key", Secret("second"), actor="test"),
        lambda engine: reveal(engine.tenant("default").secrets["key"]) == "second",
    ),
    "a secret is deleted": (
        lambda engine: engine.store.delete_secret("default", "key", actor="test"),
        lambda engine: "key" not in engine.tenant("default").secrets,
    ),
    "a variable is changed": (
        lambda engine: engine.store.put_variable("default", "region", "us", actor="test"),
        lambda engine: engine.tenant("default").variables["region"] == "us",
    ),
    "a variable is deleted": (
        lambda engine: engine.store.delete_variable("default", "region", actor="test"),
        lambda engine: "region" not in engine.tenant("default").variables,
    ),
    "a tenant gets its first content": (
        lambda engine: engine.store.put_variable("acme", "region", "us", actor="test"),
        lambda engine: engine.tenant("acme").variables == {"region": "us"},
    ),
}


@pytest.mark.parametrize(("change", "seen"), CHANGES.values(), ids=CHANGES)
async def test_engines_see_each_others_changes(
    engine: Engine,
    other: Engine,
    change: Callable[[Engine], Awaitable[object]],
    seen: Callable[[Engine], bool],
) -> None:
    await save(engine, "default", "there")
    await engine.store.put_secret("default", "key", Secret("first"), actor="test")
    await engine.store.put_variable("default", "region", "eu", actor="test")
    await until(lambda: all("region" in each.tenant("default").variables for each in (engine, other)))
    assert not seen(engine) and not seen(other)
    await change(engine)
    await until(lambda: seen(engine) and seen(other))


async def test_a_change_leaves_the_rest_as_it_was(engine: Engine, api: FakeApi) -> None:
    for tenant, permalink in (("acme", "a"), ("default", "a"), ("default", "b")):
        await save(engine, tenant, permalink, f"{api.origin}/{permalink}")
    await engine.refresh()
    acme, before = engine.tenant("acme"), engine.tenant("default")
    for permalink in ("a", "b"):
        assert (await engine.test("default", permalink, TestRequest())).status == 200
    await save(engine, "default", "b", f"{api.origin}/new")
    await engine.refresh()
    after = engine.tenant("default")
    assert engine.tenant("acme") is acme and after is not before
    assert after.connectors["a"] is before.connectors["a"]
    assert after.plans == {"a": before.plans["a"]}
    assert before.connectors["b"].document["url"].endswith("/b"), "a call in flight sees what it began with"


async def test_a_permalink_that_was_deleted_and_made_again_runs_the_new_document(
    engine: Engine, api: FakeApi
) -> None:
    await save(engine, "default", "weather", f"{api.origin}/old")
    await engine.refresh()
    await engine.test("default", "weather", TestRequest())
    await engine.store.delete_connector("default", "weather", actor="test")
    await save(engine, "default", "weather", f"{api.origin}/new")
    await engine.refresh()
    await engine.test("default", "weather", TestRequest())
    assert [request.target for request in api.requests] == ["/old", "/new"]


async def test_a_failing_store_leaves_the_last_snapshot_in_force(engine: Engine, settings: Settings) -> None:
    await save(engine, "default", "weather")
    await engine.refresh()
    before = engine.tenant("default")
    connection = sqlite3.connect(settings.data / "sealgate.db", isolation_level=None)
    connection.execute("ALTER TABLE variables RENAME TO elsewhere")
    await save(engine, "default", "new")
    with pytest.raises(OperationalError):
        await engine.refresh()
    assert engine.tenant("default") is before
    connection.execute("ALTER TABLE elsewhere RENAME TO variables")
    connection.close()
    await until(lambda: set(engine.tenant("default").connectors) == {"weather", "new"})


async def test_a_backup_put_in_place_of_the_store_comes_into_force(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    await save(engine, "default", "kept")
    connection = sqlite3.connect(settings.data / "sealgate.db")
    with sqlite3.connect(tmp_path / "backup.db") as backup:
        connection.backup(backup)
        await save(engine, "default", "later")
        await save(engine, "acme", "later")
        await engine.refresh()
        backup.backup(connection)
    backup.close()
    connection.close()
    await until(lambda: set(engine.tenant("default").connectors) == {"kept"})
    assert not engine.tenant("acme").connectors
