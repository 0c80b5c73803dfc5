"""Executions in the SQL store: found again, bounded, sealed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tenant_content import content_of

from sealgate.errors import ConnectorNotFound, NotFound
from sealgate.settings import Settings
from sealgate.stores import SqlStore, StoreUnusable
from sealgate.stores.run_ports import BODIES_KEPT_SECONDS, RecordedRun, RunFilter, RunHead

AT = 1_800_000_000.0
HEAD = RunHead(
    request_id="",
    permalink="weather",
    at=AT,
    method="GET",
    status=200,
    code=None,
    outcome="succeeded",
    total_ms=12.5,
    external_ms=10.0,
    cache_hit=False,
    caller="session",
    user_id="7",
    token_name=None,
    origin=None,
)


def run(request_id: str, tenant: str = "default", bodies: dict[str, Any] | None = None, **head: Any) -> Any:
    explain = {"request": {"url": f"https://api.example.com/?q=canary-{request_id}"}, "big": 2**80}
    return RecordedRun(tenant, replace(HEAD, request_id=request_id, **head), explain, bodies)


@pytest.fixture
async def filled(store: SqlStore) -> SqlStore:
    for tenant in ("default", "acme"):
        await store.put_variable(tenant, "region", "eu", actor="ada")
    await store.runs.add(
        [
            run("1"),
            run("2", status=404, code="CONNECTOR_NOT_FOUND", outcome="refused", permalink="nope"),
            run("3", status=502, code="UPSTREAM_TIMEOUT", outcome="failed", at=AT + 10),
            run("4", status=404, outcome="failed", user_id=None, token_name="ci", at=AT + 20),
            run("5", tenant="acme"),
            run("6", status=500, outcome="failed", permalink="orders", at=AT + 30),
        ],
        100,
    )
    return store


async def ids(store: SqlStore, tenant: str = "default", **wanted: Any) -> list[str]:
    page = await store.runs.find(tenant, RunFilter(**wanted), limit=100)
    assert page.next is None
    return [head.request_id for head in page.runs]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["6", "4", "3", "2", "1"]),
        ({"connector": "weather"}, ["4", "3", "1"]),
        ({"statuses": (404, 404)}, ["4", "2"]),
        ({"statuses": (500, 599)}, ["6", "3"]),
        ({"outcome": "refused"}, ["2"]),
        ({"outcome": "failed", "connector": "weather"}, ["4", "3"]),
        ({"code": "UPSTREAM_TIMEOUT"}, ["3"]),
        ({"user": "7"}, ["6", "3", "2", "1"]),
        ({"user": "ci"}, ["4"]),
        ({"request_id": "3"}, ["3"]),
        ({"request_id": "5"}, []),
        ({"since": AT + 10, "until": AT + 30}, ["4", "3"]),
    ],
    ids=str,
)
async def test_a_filter(filled: SqlStore, wanted: dict[str, Any], found: list[str]) -> None:
    assert await ids(filled, **wanted) == found


async def test_pages_follow_each_other_while_runs_come(filled: SqlStore) -> None:
    first = await filled.runs.find("default", RunFilter(), limit=2)
    assert [head.request_id for head in first.runs] == ["6", "4"]
    await filled.runs.add([run("7")], 100)
    second = await filled.runs.find("default", RunFilter(), limit=2, before=first.next)
    assert [head.request_id for head in second.runs] == ["3", "2"]
    last = await filled.runs.find("default", RunFilter(), limit=2, before=second.next)
    assert [head.request_id for head in last.runs] == ["1"] and last.next is None


async def test_the_newest_are_read_in_their_order_and_not_sorted(
    filled: SqlStore, sql: Callable[..., list[Any]]
) -> None:
    plan = sql(
        "EXPLAIN QUERY PLAN SELECT status FROM runs WHERE tenant = 'default' ORDER BY id DESC LIMIT 51"
    )
    words = " ".join(row[-1] for row in plan)
    assert "ix_runs_tenant" in words and "TEMP B-TREE" not in words


async def test_one_with_all_that_was_kept(filled: SqlStore) -> None:
    bodies = {"request": {"text": "canary-body"}}
    await filled.runs.add([run("7", bodies=bodies, at=time.time())], 100)
    found = await filled.runs.get("default", "7")
    assert (found.explain, found.bodies) == (run("7").explain, bodies)
    assert found.head == replace(HEAD, request_id="7", at=found.head.at)
    for tenant, request_id in (("default", "5"), ("acme", "1"), ("nobody", "1")):
        with pytest.raises(NotFound):
            await filled.runs.get(tenant, request_id)


async def test_what_is_sealed_shows_nothing_and_is_bound_to_its_place(
    filled: SqlStore, settings: Settings, sql: Callable[..., list[Any]]
) -> None:
    await filled.runs.add([run("7", bodies={"request": {"text": "canary-body"}}, at=time.time())], 100)
    files = b"".join(path.read_bytes() for path in settings.data.iterdir())
    assert b"weather" in files and b"canary-" not in files
    sql("UPDATE runs SET explain = (SELECT explain FROM runs WHERE request_id = '1') WHERE request_id = '3'")
    with pytest.raises(StoreUnusable, match="was changed outside"):
        await filled.runs.get("default", "3")


async def test_runs_of_an_unknown_tenant_are_dropped(filled: SqlStore) -> None:
    await filled.runs.add([run("7", tenant="nobody"), run("8")], 100)
    assert "8" in await ids(filled)
    await filled.runs.add([run("9", tenant="nobody")], 100)


async def test_each_kind_has_its_share(filled: SqlStore) -> None:
    flood = [run(f"r{number}", outcome="refused", status=401) for number in range(30)]
    many = [run(f"s{number}") for number in range(30)]
    failures = [run(f"f{number}", outcome="failed", status=500) for number in range(3)]
    await filled.runs.add([*failures, *flood, *many], 20)
    assert await ids(filled, outcome="failed") == ["f2", "f1", "f0", "6", "4", "3"]
    assert await ids(filled, outcome="refused") == [f"r{number}" for number in range(29, 24, -1)]
    assert await ids(filled, outcome="succeeded") == [f"s{number}" for number in range(29, 24, -1)]
    assert await ids(filled, tenant="acme") == ["5"]


async def test_bodies_go_before_their_runs(filled: SqlStore, sql: Callable[..., list[Any]]) -> None:
    old = time.time() - BODIES_KEPT_SECONDS - 1
    await filled.runs.add([run("7", bodies={}, at=old), run("8", bodies={}, at=old + 60)], 100)
    assert (await filled.runs.get("default", "7")).bodies is None
    assert (await filled.runs.get("default", "8")).bodies == {}


async def test_all_runs_are_forgotten(filled: SqlStore) -> None:
    await filled.runs.forget_all()
    assert await ids(filled) == await ids(filled, "acme") == []


async def test_the_last_runs_of_many_connectors(filled: SqlStore) -> None:
    await filled.runs.add(
        [run(f"o{number}", permalink="orders", total_ms=number) for number in range(5)], 100
    )
    found = await filled.runs.recent("default", ["orders", "weather", "nope", "unused"], 3)
    assert {name: [(point.status, point.total_ms) for point in points] for name, points in found.items()} == {
        "orders": [(200, 2), (200, 3), (200, 4)],
        "weather": [(200, 12.5), (502, 12.5), (404, 12.5)],
    }


# -- captures --------------------------------------------------------------------------------------


async def test_a_capture_is_in_the_snapshot_and_goes_with_its_connector(store: SqlStore) -> None:
    with pytest.raises(ConnectorNotFound):
        await store.put_capture("default", "weather", AT, actor="ada")
    await store.put_connector("default", "weather", {"name": "Weather"}, actor="ada")
    counter = await store.change_counter()
    await store.put_capture("default", "weather", AT, actor="ada")
    await store.put_capture("default", "weather", AT + 60, actor="bob")
    assert await store.change_counter() > counter
    assert (await content_of(store)).captures == {"weather": AT + 60}
    await store.put_connector("default", "weather", {"name": "Weather 2"}, actor="ada")
    assert (await content_of(store)).captures == {"weather": AT + 60}
    await store.delete_connector("default", "weather", actor="ada")
    assert (await content_of(store)).captures == {}
    with pytest.raises(NotFound):
        await store.delete_capture("default", "weather", actor="ada")
