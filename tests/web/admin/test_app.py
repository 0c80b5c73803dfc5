import uuid

import pytest

from sealgate.errors import Unexpected

CONNECTOR = {"name": "A", "url": "https://api.example.com"}


async def test_openapi(client):
    answer = await client("GET", "/api/v1/openapi.json", token=None)
    description = answer.json
    assert answer.status == 200 and description["openapi"].startswith("3.1")
    schemas = description["components"]["schemas"]
    references = {text for text in str(description).split("'") if text.startswith("#/components/schemas/")}
    assert references and {text.rsplit("/", 1)[1] for text in references} <= set(schemas)
    put = description["paths"]["/api/v1/connectors/{permalink}"]["put"]
    schema = put["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {
        "anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("Connector", "Composite")]
    }
    assert "ErrorEnvelope" in str(put["responses"]["422"]) and "HTTPValidationError" not in schemas
    assert put["security"] and "strict" in str(put["parameters"])


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "headers"),
    [
        ("GET", "/", 404, "NOT_FOUND", {}),
        ("GET", "/api/v1", 404, "NOT_FOUND", {}),
        ("GET", "/api/v1/connectors/", 404, "NOT_FOUND", {}),
        ("GET", "/api/v1/nope", 404, "NOT_FOUND", {}),
        ("GET", "/docs", 404, "NOT_FOUND", {}),
        ("PATCH", "/api/v1/connectors/a", 405, "METHOD_NOT_ALLOWED", {"allow": "DELETE, GET, PUT"}),
        ("DELETE", "/api/v1/connectors", 405, "METHOD_NOT_ALLOWED", {"allow": "GET, POST"}),
        ("PUT", "/t/acme/api/v1/tokens", 405, "METHOD_NOT_ALLOWED", {"allow": "GET, POST"}),
        ("GET", "/api/v1/test", 405, "METHOD_NOT_ALLOWED", {"allow": "POST"}),
    ],
)
async def test_what_is_not_there(client, method, path, status, code, headers):
    answer = await client(method, path)
    assert (answer.status, answer.code) == (status, code)
    assert headers.items() <= answer.headers.items()


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/api/v1/connectors", 200), ("/nope", 404)])
async def test_headers_of_every_reply(client, path, status):
    answer = await client("GET", path)
    assert answer.status == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    assert uuid.UUID(answer.headers["x-request-id"])
    if status != 200:
        assert answer.json["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "line 1"),
        (b'{"name": "A",\n  "url": }', "line 2, column 10"),
        (b"\xff", "UTF-8"),
        (b"NaN", "NaN"),
        (b"[" * 100_000, ""),
    ],
)
async def test_bodies_that_are_no_json(client, body, detail):
    answer = await client("POST", "/api/v1/connectors", body)
    assert (answer.status, answer.code) == (422, "INVALID_DOCUMENT")
    assert detail in answer.json["errors"]["detail"]


async def test_a_member_name_twice(client):
    body = (
        b'{"name": "A", "name": "B", "url": "https://api.example.com", "headers": [{"key": "a", "key": "b"}]}'
    )
    answer = await client("POST", "/api/v1/connectors", body)
    assert (answer.status, answer.paths) == (422, ["name", "headers.0.key"])


@pytest.mark.parametrize("headers", [{}, {"content-length": "1"}, {"content-length": "200000"}])
async def test_bodies_over_the_cap(client, headers):
    answer = await client("POST", "/api/v1/connectors", chunks=[b"x" * 60_000] * 2, headers=headers)
    assert (answer.status, answer.code) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_caller_that_goes_away(client):
    answer = await client("POST", "/api/v1/connectors", chunks=[b'{"name":', None])
    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")


async def test_a_bad_parameter(client):
    answer = await client("POST", "/api/v1/connectors?strict=maybe", CONNECTOR)
    assert (answer.status, answer.code, answer.paths) == (400, "INVALID_REQUEST", ["strict"])


async def test_health_needs_no_token(client):
    for path in ("/healthz", "/readyz"):
        assert (await client("GET", path, token=None)).status == 200


async def test_not_ready_without_a_store(client):
    await client.engine.store.close()
    for file in client.engine.settings.data.glob("sealgate.db*"):
        file.write_bytes(b"this is not a database, whatever its name is" * 100)
    answer = await client("GET", "/readyz", token=None)
    assert (answer.status, answer.code) == (503, "OVERLOADED")


async def test_an_unexpected_error_says_nothing_of_itself(client):
    @client.app.get("/fails")
    async def fails():
        raise ZeroDivisionError("with-a-secret-in-it")

    answer = await client("GET", "/fails")
    assert (answer.status, answer.code) == (500, Unexpected.code)
    assert b"with-a-secret" not in answer.body
    assert answer.headers["x-content-type-options"] == "nosniff"
