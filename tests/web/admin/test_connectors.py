import pytest

from sealgate.registry.sync import sync_registry

DOCUMENT = {"name": "Weather API", "url": "https://api.example.com/x"}
PATH = "/api/v1/connectors"


async def test_the_life_of_a_connector(client):
    created = await client("POST", PATH, DOCUMENT)
    assert created.status == 201
    assert created.json["permalink"] == "weather-api" and created.json["warnings"] == []
    assert created.headers["etag"] == f'"{created.json["revision"]}"'
    assert set(created.json) >= {"name", "url", "source", "created_at", "updated_at", "updated_by"}
    listed = await client("GET", PATH)
    assert [each["permalink"] for each in listed.json["connectors"]] == ["weather-api"]
    replaced = await client("PUT", f"{PATH}/weather-api", {**DOCUMENT, "method": "PUT"})
    assert (replaced.status, replaced.json["method"]) == (200, "PUT")
    assert replaced.json["revision"] > created.json["revision"]
    assert (await client("GET", f"{PATH}/weather-api")).json == replaced.json
    gone = await client("DELETE", f"{PATH}/weather-api")
    assert (gone.status, gone.body) == (204, b"")
    missing = await client("GET", f"{PATH}/weather-api")
    assert (missing.status, missing.code) == (404, "CONNECTOR_NOT_FOUND")


async def test_put_creates(client):
    assert (await client("PUT", f"{PATH}/w", DOCUMENT)).status == 201


async def test_post_refuses_what_exists(client):
    await client("POST", PATH, DOCUMENT)
    again = await client("POST", PATH, DOCUMENT)
    assert (again.status, again.code) == (409, "CONFLICT")


async def test_every_fault_at_once(client):
    answer = await client(
        "POST", PATH, {"url": "http://api.example.com", "method": "FETCH", "request_body": "{{"}
    )
    assert (answer.status, answer.code) == (422, "INVALID_DOCUMENT")
    assert {"name", "url", "method", "request_body"} <= set(answer.paths)


@pytest.mark.parametrize("document", [[], "x", 7, None])
async def test_what_is_no_document(client, document):
    answer = await client("POST", PATH, b"null" if document is None else document)
    assert (answer.status, answer.code) == (422, "INVALID_DOCUMENT")


async def test_strict_makes_warnings_faults(client):
    document = {**DOCUMENT, "pathParams": []}
    strict = await client("POST", f"{PATH}?strict=true", document)
    assert (strict.status, strict.paths) == (422, ["pathParams"])
    created = await client("POST", PATH, document)
    assert [warning["path"] for warning in created.json["warnings"]] == ["pathParams"]
    put = await client("PUT", f"{PATH}/weather-api?strict=true", document)
    assert put.status == 422


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_if_match(client, method):
    old = (await client("POST", PATH, DOCUMENT)).headers["etag"]
    new = (await client("PUT", f"{PATH}/weather-api", {**DOCUMENT, "method": "PUT"})).headers["etag"]
    for condition in (old, '"0"', f"W/{new}", "nonsense", f"{old}, W/{new}"):
        answer = await client(method, f"{PATH}/weather-api", DOCUMENT, headers={"if-match": condition})
        assert (answer.status, answer.code) == (412, "PRECONDITION_FAILED"), condition
    answer = await client(method, f"{PATH}/weather-api", DOCUMENT, headers={"if-match": f"{old}, {new}"})
    assert answer.status in (200, 204)


async def test_if_match_any_needs_something_to_match(client):
    for condition in ("*", '"1"'):
        answer = await client("PUT", f"{PATH}/w", DOCUMENT, headers={"if-match": condition})
        assert answer.status == 412
    await client("PUT", f"{PATH}/w", DOCUMENT)
    assert (await client("PUT", f"{PATH}/w", DOCUMENT, headers={"if-match": "*"})).status == 200


async def test_what_a_source_owns_is_read_only(client):
    await sync_registry(client.engine, "default", "repo", {"connectors": [DOCUMENT]}, actor="test")
    shown = await client("GET", f"{PATH}/weather-api")
    assert shown.json["source"] == "repo"
    for method, target in (("PUT", "/weather-api"), ("DELETE", "/weather-api"), ("POST", "")):
        answer = await client(method, PATH + target, DOCUMENT)
        assert (answer.status, answer.code) == (409, "CONFLICT")


@pytest.mark.parametrize("permalink", ["Bad_One", "a--b", "-a", "a" * 256])
async def test_permalinks_that_are_none(client, permalink):
    answer = await client("PUT", f"{PATH}/{permalink}", DOCUMENT)
    assert (answer.status, answer.paths) == (422, ["permalink"])
