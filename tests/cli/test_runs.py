"""`sealgate runs …` on a data directory."""

import asyncio

import pytest

from sealgate.settings import Settings
from sealgate.stores import open_store
from sealgate.stores.run_ports import RecordedRun, RunHead


def recorded(request_id, **head):
    members = dict.fromkeys(RunHead.__slots__) | {
        "request_id": request_id,
        "permalink": "weather",
        "at": 1.8e9,
        "method": "GET",
        "status": 200,
        "outcome": "succeeded",
        "total_ms": 2.0,
        "external_ms": 1.0,
        "cache_hit": False,
    }
    return RecordedRun("default", RunHead(**{**members, **head}), {"hints": ["try this"]})


@pytest.fixture
def filled(sealgate):
    sealgate("variables", "set", "region", "eu")

    async def add():
        store = await open_store(Settings(data=sealgate.data))
        document = {"name": "Weather", "url": "https://api.example.com", "method": "GET"}
        await store.put_connector("default", "weather", document, actor="test")
        evil = {
            "permalink": "\x1b[2Jevil",
            "status": 404,
            "outcome": "refused",
            "code": "CONNECTOR_NOT_FOUND",
        }
        await store.runs.add([recorded("1"), recorded("2", **evil), recorded("3", user_id="7")], 100)
        await store.close()

    asyncio.run(add())
    return sealgate


def test_list(filled):
    text = filled("runs", "list").stdout
    head, *rows = text.splitlines()
    assert head.split() == ["AT", "CONNECTOR", "METHOD", "STATUS", "CODE", "MS", "REQUEST", "ID"]
    assert [row.split()[-1] for row in rows] == ["3", "2", "1"]
    assert "\x1b" not in text
    page = filled.json("runs", "list", "--limit", "1")
    assert [run["request_id"] for run in page["runs"]] == ["3"]
    result = filled("runs", "list", "--limit", "1", "--cursor", page["next"])
    assert f"more with --cursor {int(page['next']) - 1}" in result.stderr


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (("--status", "4xx"), ["2"]),
        (("--connector", "weather", "--user", "7"), ["3"]),
        (("--code", "CONNECTOR_NOT_FOUND", "--outcome", "refused"), ["2"]),
        (("--request-id", "1", "--since", "2026-01-01T00:00:00Z", "--until", "2030-01-01T00:00:00Z"), ["1"]),
    ],
)
def test_filters(filled, filters, found):
    assert [run["request_id"] for run in filled.json("runs", "list", *filters)["runs"]] == found


def test_show(filled):
    run = filled.json("runs", "show", "3")
    assert (run["connector"], run["explain"]["hints"]) == ("weather", ["try this"])
    assert filled.json("runs", "show", "4", exit_code=1)["errors"]["code"] == "NOT_FOUND"


def test_capture(filled):
    assert "weather" in filled("runs", "capture", "weather", "--minutes", "5").stdout
    assert filled.json("runs", "capture", "weather", "--off") == {"connector": "weather", "until": None}
    assert filled("runs", "capture", "weather", "--off", exit_code=1).stderr.startswith("NOT_FOUND")
    assert filled("runs", "capture", "weather", "--minutes", "90", exit_code=1).stderr.startswith("INVALID")
