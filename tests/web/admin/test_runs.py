from dataclasses import replace

import pytest

from sealgate.stores.run_ports import RecordedRun, RunHead

CONNECTOR = {"name": "A", "permalink": "a", "url": "https://api.example.com"}


def recorded(request_id, permalink="a", status=200):
    outcome = "succeeded" if status < 400 else "failed"
    head = RunHead(
        request_id, permalink, 1.8e9, "GET", status, None, outcome, 2.0, 1.0, False, None, None, None, None
    )
    return RecordedRun("default", head, {"hints": []})


@pytest.fixture
async def filled(client):
    assert (await client("PUT", "/api/v1/connectors/a", CONNECTOR)).status == 201
    runs = [recorded("1"), recorded("2", "b"), recorded("3", status=404)]
    await client.engine.store.runs.add(runs, 100)
    return client


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["3", "2", "1"]),
        ("?connector=a", ["3", "1"]),
        ("?status=4xx", ["3"]),
        ("?status=200&limit=1", ["2"]),
        ("?outcome=failed&since=2020-01-01T00:00:00Z", ["3"]),
        ("?request_id=2", ["2"]),
        ("?user=x", []),
    ],
)
async def test_list(filled, query, found):
    answer = await filled("GET", f"/api/v1/runs{query}")
    assert [run["request_id"] for run in answer.json["runs"]] == found


@pytest.mark.parametrize(
    ("query", "paths"),
    [("?status=x&since=y", ["status", "since"]), ("?limit=0&cursor=x", ["limit", "cursor"])],
)
async def test_bad_filters(client, query, paths):
    answer = await client("GET", f"/api/v1/runs{query}")
    assert (answer.status, answer.paths) == (422, paths)


async def test_show(filled):
    answer = await filled("GET", "/api/v1/runs/3")
    assert answer.status == 200
    assert (answer.json["connector"], answer.json["explain"]) == ("a", {"hints": []})
    missing = await filled("GET", "/api/v1/runs/nope")
    assert (missing.status, missing.code) == (404, "NOT_FOUND")
    assert (await filled("GET", "/t/acme/api/v1/runs/3")).status == 404


@pytest.mark.parametrize(
    ("scopes", "shown"), [(["read"], False), (["read", "write"], True), (["admin"], True)]
)
async def test_bodies_take_a_stronger_scope(filled, scopes, shown):
    bodies = {"request": {"text": "what a user sent", "bytes": 16}, "response": None}
    await filled.engine.store.runs.add([replace(recorded("4"), bodies=bodies)], 100)
    answer = await filled("GET", "/api/v1/runs/4", token=await filled.token(*scopes))
    assert answer.json["bodies"] == (bodies if shown else None)
    assert answer.json["bodies_kept"] is True
    assert (b"what a user sent" in answer.body) is shown
    assert (await filled("GET", "/api/v1/runs/3")).json["bodies_kept"] is False


async def test_recent(filled):
    await filled.engine.store.runs.add([recorded("4")], 100)
    answer = await filled("GET", "/api/v1/runs/recent?connector=a&connector=b&connector=none&count=2")
    points = answer.json["connectors"]
    assert {name: [point["status"] for point in each] for name, each in points.items()} == {
        "a": [404, 200],
        "b": [200],
    }
    assert points["b"] == [
        {"at": "2027-01-15T08:00:00.000Z", "status": 200, "outcome": "succeeded", "total_ms": 2.0}
    ]
    many = "&".join(["connector=a"] * 201)
    faulty = await filled("GET", f"/api/v1/runs/recent?{many}&count=31")
    assert (faulty.status, faulty.paths) == (422, ["connector", "count"])
    nothing = await filled("GET", "/api/v1/runs/recent")
    assert (nothing.status, nothing.paths) == (400, ["connector"])


async def test_capture(filled):
    path = "/api/v1/connectors/a/capture"
    assert (await filled("GET", path)).json == {"connector": "a", "until": None}
    answer = await filled("PUT", path, {})
    assert answer.status == 200 and answer.json["until"].endswith("Z")
    assert (await filled("GET", path)).json == answer.json
    assert (await filled("DELETE", path)).status == 204
    assert (await filled("DELETE", path)).status == 404
    assert (await filled("PUT", path, {"minutes": 61})).paths == ["minutes"]
    assert (await filled("PUT", path, {"hours": 1})).status == 422
    assert (await filled("PUT", "/api/v1/connectors/nope/capture", {})).code == "CONNECTOR_NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/api/v1/runs", "read"),
        ("GET", "/api/v1/runs/3", "read"),
        ("GET", "/api/v1/runs/recent?connector=a", "read"),
        ("GET", "/api/v1/connectors/a/capture", "read"),
        ("PUT", "/api/v1/connectors/a/capture", "write"),
        ("DELETE", "/api/v1/connectors/a/capture", "write"),
    ],
)
async def test_scopes(filled, method, path, scope):
    body = {} if method == "PUT" else None
    if method == "DELETE":
        await filled("PUT", path, {})
    others = await filled.token(*{"execute", "read", "write", "secrets"} - {scope})
    assert (await filled(method, path, body, token=others)).status == 403
    assert (await filled(method, path, body, token=await filled.token(scope))).status in (200, 204)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/runs?connector=a", 200),
        ("/api/v1/runs", 403),
        ("/api/v1/runs?connector=b", 403),
        ("/api/v1/runs/recent?connector=a", 200),
        ("/api/v1/runs/recent?connector=a&connector=b", 403),
        ("/api/v1/runs/1", 200),
        ("/api/v1/runs/2", 403),
    ],
)
async def test_a_token_that_is_limited_to_permalinks(filled, path, status):
    token = await filled.token("read", permalinks=["a"])
    assert (await filled("GET", path, token=token)).status == status
