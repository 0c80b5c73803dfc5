"""Filters as people write them, pages, and bodies that are captured for a time."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sealgate.errors import Conflict, ConnectorNotFound, DocumentInvalid, NotFound
from sealgate.execution.engine import Engine
from sealgate.services.captures import capture_bodies, end_capture, get_capture
from sealgate.services.connectors import create_connector, delete_connector
from sealgate.services.runs import get_run, list_runs, read_filter, recent_runs
from sealgate.stores.run_ports import RecordedRun, RunFilter, RunHead

AT = 1_800_000_000.25


def recorded(request_id: str, **head: Any) -> RecordedRun:
    members: dict[str, Any] = {
        "request_id": request_id,
        "permalink": "weather",
        "at": AT,
        "method": "GET",
        "status": 200,
        "code": None,
        "outcome": "succeeded",
        "total_ms": 12.5,
        "external_ms": 10.0,
        "cache_hit": False,
        "caller": None,
        "user_id": None,
        "token_name": None,
        "origin": None,
        **head,
    }
    return RecordedRun("default", RunHead(**members), {"hints": []})


@pytest.fixture
async def weather(engine: Engine) -> Engine:
    document = {"name": "Weather", "permalink": "weather", "url": "https://api.example.com"}
    await create_connector(engine, "default", document, actor="ada")
    return engine


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, RunFilter()),
        ({"connector": "a", "code": "X", "user": "7", "request_id": "1", "outcome": "failed"},
         RunFilter(connector="a", code="X", user="7", request_id="1", outcome="failed")),
        ({"status": "404"}, RunFilter(statuses=(404, 404))),
        ({"status": "5xx"}, RunFilter(statuses=(500, 599))),
        ({"since": "2027-01-15T08:00:00Z", "until": "2027-01-15T09:00:00+01:00"},
         RunFilter(since=1_800_000_000.0, until=1_800_000_000.0)),
    ],
)  # fmt: skip
def test_a_filter(given: dict[str, str | None], wanted: RunFilter) -> None:
    assert read_filter(given) == wanted


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({"status": "4"}, ["status"]),
        ({"status": "600"}, ["status"]),
        ({"status": "4XX"}, ["status"]),
        ({"status": "", "outcome": "bad", "since": "today", "until": "2027-01-15T08:00:00"},
         ["status", "outcome", "since", "until"]),
    ],
)  # fmt: skip
def test_a_filter_that_is_none(given: dict[str, str | None], paths: list[str]) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        read_filter(given)
    assert [fault.path for fault in caught.value.fields] == paths


async def test_pages_and_one_run(weather: Engine) -> None:
    by_token = {"caller": "api token", "token_name": "ci"}
    await weather.store.runs.add([recorded("1"), recorded("2"), recorded("3", **by_token)], 100)
    first = (await list_runs(weather, "default", RunFilter(), limit=2)).as_json()
    assert [run["request_id"] for run in first["runs"]] == ["3", "2"]
    last = (await list_runs(weather, "default", RunFilter(), limit=2, cursor=first["next"])).as_json()
    assert [run["request_id"] for run in last["runs"]] == ["1"] and last["next"] is None
    shown = (await get_run(weather, "default", "3", with_bodies=True)).as_json()
    assert shown == {**first["runs"][0], "explain": {"hints": []}, "bodies": None, "bodies_kept": False}
    assert shown["at"] == "2027-01-15T08:00:00.250Z"
    assert shown["caller"] == {"source": "api token", "user": None, "token": "ci"}
    assert last["runs"][0]["caller"] is None
    with pytest.raises(NotFound) as caught:
        await get_run(weather, "default", "4", with_bodies=True)
    assert "the log" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("limit", "cursor", "paths"),
    [(0, None, ["limit"]), (201, None, ["limit"]), (1, "x", ["cursor"]), (-1, "0", ["limit", "cursor"])],
)
async def test_no_such_page(engine: Engine, limit: int, cursor: str | None, paths: list[str]) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        await list_runs(engine, "default", RunFilter(), limit=limit, cursor=cursor)
    assert [fault.path for fault in caught.value.fields] == paths


async def test_sparklines_leave_out_what_never_ran(weather: Engine) -> None:
    refused = recorded("2", outcome="refused", status=401)
    await weather.store.runs.add([recorded("1"), refused, recorded("3", status=500, outcome="failed")], 100)
    found = await recent_runs(weather, "default", ["weather", "other"])
    assert {name: [point.status for point in points] for name, points in found.items()} == {
        "weather": [200, 500]
    }


async def test_a_capture(weather: Engine) -> None:
    assert (await get_capture(weather, "default", "weather")).until is None
    shown = await capture_bodies(weather, "default", "weather", 60, actor="ada")
    assert shown.until is not None and abs(shown.until - time.time() - 3600) < 60
    assert await get_capture(weather, "default", "weather") == shown
    await end_capture(weather, "default", "weather", actor="ada")
    assert (await get_capture(weather, "default", "weather")).until is None
    with pytest.raises(NotFound):
        await end_capture(weather, "default", "weather", actor="ada")


@pytest.mark.parametrize("minutes", [-1, 0, 61])
async def test_a_capture_that_is_too_long(weather: Engine, minutes: int) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        await capture_bodies(weather, "default", "weather", minutes, actor="ada")
    assert [fault.path for fault in caught.value.fields] == ["minutes"]


async def test_a_capture_needs_a_connector_and_runs(weather: Engine) -> None:
    with pytest.raises(ConnectorNotFound):
        await capture_bodies(weather, "default", "nope", 1, actor="ada")
    with pytest.raises(ConnectorNotFound):
        await get_capture(weather, "default", "nope")
    weather.settings = weather.settings.model_copy(update={"runs_kept": 0})
    with pytest.raises(Conflict, match="SEALGATE_RUNS_KEPT"):
        await capture_bodies(weather, "default", "weather", 1, actor="ada")


async def test_a_capture_ends_with_its_connector(weather: Engine) -> None:
    await capture_bodies(weather, "default", "weather", 1, actor="ada")
    await delete_connector(weather, "default", "weather", actor="ada")
    document = {"name": "Weather", "permalink": "weather", "url": "https://api.example.com"}
    await create_connector(weather, "default", document, actor="ada")
    assert (await get_capture(weather, "default", "weather")).until is None
