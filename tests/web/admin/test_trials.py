import json

import pytest

from sealgate.testing import FakeApi

CANARY = "s3cret-canary-of-a-test-run"
PATH = "/api/v1/test"


@pytest.fixture
def api():
    with FakeApi() as running:
        yield running


def connector(origin, **more):
    authentication = {
        "type": "api_key",
        "config": {"key": "X-Key", "value": "{{ get_secret('api_key') }}", "in": "header"},
    }
    return {"name": "Weather", "url": f"{origin}/v1", "authentication": authentication, **more}


async def test_an_unsaved_connector(client, api):
    await client("PUT", "/api/v1/secrets/api_key", {"value": CANARY})
    request = {"query": {"q": "Warsaw"}}
    answer = await client("POST", PATH, {"connector": connector(api.origin), "request": request})
    assert answer.status == 200
    assert set(answer.json) == {"status", "headers", "body", "explain", "debug_request"}
    assert answer.json["status"] == 200
    assert json.loads(answer.headers["x-debug-request"]) == answer.json["debug_request"]
    assert answer.json["debug_request"]["authentication"]["config"]["value"] == "{{ get_secret('api_key') }}"
    assert CANARY not in str(answer)
    assert (await client("GET", "/api/v1/connectors")).json == {"connectors": []}


async def test_a_saved_connector(client, api):
    await client("PUT", "/api/v1/secrets/api_key", {"value": CANARY})
    await client("POST", "/api/v1/connectors", connector(api.origin))
    assert (await client("POST", PATH, {"permalink": "weather"})).json["status"] == 200


async def test_a_failing_run_has_its_own_status_and_is_explained(client, api):
    answer = await client("POST", PATH, {"connector": connector(api.origin)})
    assert (answer.status, answer.code) == (422, "SECRET_NOT_FOUND")
    assert answer.json["success"] is False and answer.json["request_id"]
    assert answer.json["explain"]["hints"] is not None and answer.json["debug_request"]["method"] == "GET"
    assert "x-debug-request" in answer.headers
    assert answer.headers["x-request-id"] == answer.json["request_id"]


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, ["connector"]),
        ({"connector": {}, "permalink": "a"}, ["connector"]),
        ({"connector": {"name": "A"}}, ["url"]),
        ({"connector": "a"}, ["connector"]),
        ({"permalink": "a", "request": {"user": 7, "qeury": ""}}, ["request.user", "request.qeury"]),
    ],
)
async def test_faults_of_the_request(client, body, paths):
    answer = await client("POST", PATH, body)
    assert (answer.status, answer.paths) == (422, paths)


async def test_an_unknown_permalink(client):
    answer = await client("POST", PATH, {"permalink": "nope"})
    assert (answer.status, answer.code) == (404, "CONNECTOR_NOT_FOUND")
