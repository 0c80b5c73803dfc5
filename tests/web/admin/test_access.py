import asyncio
import time

import pytest

CONNECTOR = {"name": "A", "url": "https://api.example.com"}
REGISTRY = {"connectors": []}

# Every route, the body it takes, and the scopes that open it (besides `admin`).
ROUTES = [
    ("GET", "/connectors", None, {"read"}),
    ("POST", "/connectors", CONNECTOR, {"write"}),
    ("GET", "/connectors/a", None, {"read"}),
    ("PUT", "/connectors/a", CONNECTOR, {"write"}),
    ("DELETE", "/connectors/a", None, {"write"}),
    ("GET", "/connectors/a/revisions", None, {"read"}),
    ("GET", "/connectors/a/revisions/1", None, {"read"}),
    ("GET", "/connectors/a/revisions/1/diff", None, {"read"}),
    ("POST", "/connectors/a/revisions/1/restore", None, {"write"}),
    ("GET", "/connectors/a/snippets", None, {"read"}),
    ("GET", "/connectors/a/capture", None, {"read"}),
    ("PUT", "/connectors/a/capture", {}, {"write"}),
    ("DELETE", "/connectors/a/capture", None, {"write"}),
    ("GET", "/runs", None, {"read"}),
    ("GET", "/runs/recent?connector=a", None, {"read"}),
    ("GET", "/runs/r", None, {"read"}),
    ("GET", "/secrets", None, {"read", "secrets"}),
    ("GET", "/secrets/s", None, {"read", "secrets"}),
    ("GET", "/secrets/s/usage", None, {"read", "secrets"}),
    ("POST", "/secrets/s/key-pair", {"algorithm": "EdDSA"}, {"secrets"}),
    ("PUT", "/secrets/s/allowed-hosts", {"allowed_hosts": []}, {"secrets"}),
    ("GET", "/secrets/s/versions", None, {"read", "secrets"}),
    ("GET", "/secrets/s/public-key", None, {"read", "secrets"}),
    ("PUT", "/secrets/s/public-key", {"published": True}, {"secrets"}),
    ("PUT", "/secrets/s", {"value": "v"}, {"secrets"}),
    ("DELETE", "/secrets/s", None, {"secrets"}),
    ("GET", "/variables", None, {"read"}),
    ("GET", "/variables/v", None, {"read"}),
    ("GET", "/variables/v/usage", None, {"read"}),
    ("PUT", "/variables/v", {"value": "v"}, {"write"}),
    ("DELETE", "/variables/v", None, {"write"}),
    ("POST", "/test", {"permalink": "a"}, {"write"}),
    ("GET", "/template-reference", None, {"read"}),
    ("POST", "/playground", {"template": "a", "field": "header"}, {"read"}),
    ("GET", "/examples", None, {"read"}),
    ("POST", "/import/curl", {"command": "curl https://api.example.com"}, {"write"}),
    (
        "POST",
        "/import/openapi",
        {"document": {"openapi": "3.1.0", "paths": {"/a": {"get": {}}}}},
        {"write"},
    ),
    ("GET", "/registry", None, {"read"}),
    ("GET", "/sources", None, {"read"}),
    ("GET", "/sources/s", None, {"read"}),
    ("PUT", "/sources/s", {"url": "https://git.example.com/c"}, {"write"}),
    ("DELETE", "/sources/s", None, {"write"}),
    ("POST", "/sources/s/sync", None, {"write"}),
    ("GET", "/sources/s/runs", None, {"read"}),
    ("PUT", "/sources/s/registry", REGISTRY, {"write"}),
    ("POST", "/cache/purge", {}, {"write"}),
    ("GET", "/tokens", None, set()),
    ("POST", "/tokens", {"name": "t", "scopes": ["read"]}, set()),
    ("DELETE", "/tokens/t", None, set()),
]
routes = pytest.mark.parametrize(("method", "path", "body", "scopes"), ROUTES)


def test_the_table_has_every_route(client):
    described = client.app.openapi()["paths"]
    listed = {(method, path.replace("{permalink}", "a").partition("?")[0]) for method, path, _, _ in ROUTES}
    found = set()
    for path, operations in described.items():
        if path.startswith("/api/v1"):
            short = path.removeprefix("/api/v1").replace("{permalink}", "a").replace("{revision}", "1")
            short = short.replace("{request_id}", "r")
            for kind in ("secrets", "variables", "tokens", "sources"):
                for name in ("{name}", "{id}"):
                    short = short.replace(f"/{kind}/{name}", f"/{kind}/{kind[0]}")
            found |= {(method.upper(), short) for method in operations}
    # A webhook proves itself by a signature.
    assert found == listed | {("POST", "/sources/s/webhook")}


@routes
async def test_without_a_token(client, method, path, body, scopes):
    for prefix in ("/api/v1", "/t/acme/api/v1"):
        answer = await client(method, prefix + path, body, token=None)
        assert (answer.status, answer.code) == (401, "AUTHENTICATION_REQUIRED")
        assert answer.headers["www-authenticate"].startswith("Bearer")


@routes
async def test_each_scope_opens_what_it_should(client, method, path, body, scopes):
    for scope in ("execute", "read", "write", "secrets", "admin"):
        answer = await client(method, f"/api/v1{path}", body, token=await client.token(scope))
        if scope in scopes | {"admin"}:
            assert answer.status not in (401, 403), scope
        else:
            assert (answer.status, answer.code) == (403, "FORBIDDEN"), scope
            assert all(f"`{needed}`" in answer.json["errors"]["detail"] for needed in scopes)


@routes
async def test_a_token_of_another_tenant_is_refused(client, method, path, body, scopes):
    token = await client.token("admin")
    answer = await client(method, f"/t/acme/api/v1{path}", body, token=token)
    assert (answer.status, answer.code) == (403, "FORBIDDEN")


@pytest.mark.parametrize("token", ["wrong", "", "bootstrap-token-of-the-test", "ü"])
async def test_unknown_tokens(client, token):
    answer = await client(
        "GET", "/api/v1/connectors", token=None, headers={"authorization": f"Bearer {token}"}
    )
    assert (answer.status, answer.code) == (401, "AUTHENTICATION_REQUIRED")


async def test_other_schemes(client):
    headers = {"authorization": "Basic YWRtaW46Ym9vdHN0cmFw"}
    assert (await client("GET", "/api/v1/connectors", token=None, headers=headers)).status == 401


async def test_revoked_and_expired(client):
    revoked = await client.token("read")
    listed = (await client("GET", "/api/v1/tokens")).json["tokens"]
    assert (await client("DELETE", f"/api/v1/tokens/{listed[0]['id']}")).status == 204
    expiring = await client.token("read", expires_at=time.time() + 0.2)
    assert (await client("GET", "/api/v1/connectors", token=expiring)).status == 200
    await asyncio.sleep(0.3)
    for token in (revoked, expiring):
        assert (await client("GET", "/api/v1/connectors", token=token)).status == 401


async def test_a_token_limited_to_permalinks_touches_nothing_else(client):
    token = await client.token("read", "write", "secrets", permalinks=["mine"])
    document = {"name": "Mine", "url": "http://127.0.0.1:9/x"}
    allowed = [
        ("PUT", "/connectors/mine", document, 201),
        ("GET", "/connectors/mine", None, 200),
        ("POST", "/test", {"permalink": "mine"}, 502),
        ("POST", "/test", {"connector": {**document, "permalink": "mine"}}, 502),
    ]
    for method, path, body, status in allowed:
        assert (await client(method, f"/api/v1{path}", body, token=token)).status == status, path
    refused = [
        ("PUT", "/connectors/other", document),
        ("GET", "/connectors", None),
        ("POST", "/connectors", document),
        ("POST", "/test", {"permalink": "other"}),
        ("POST", "/test", {"connector": document}),
        ("PUT", "/sources/s/registry", REGISTRY),
        ("PUT", "/secrets/s", {"value": "v"}),
        ("GET", "/variables", None),
    ]
    for method, path, body in refused:
        assert (await client(method, f"/api/v1{path}", body, token=token)).status == 403, path


async def test_a_token_limited_to_origins(client):
    token = await client.token("read", origins=["https://app.example"])
    for origin, status in (("https://app.example", 200), ("https://evil.example", 403), (None, 403)):
        headers = {"origin": origin} if origin else {}
        answer = await client("GET", "/api/v1/connectors", token=token, headers=headers)
        assert answer.status == status


async def test_tenants_are_apart(client):
    assert (await client("PUT", "/t/acme/api/v1/connectors/a", CONNECTOR)).status == 201
    assert (await client("GET", "/api/v1/connectors/a")).status == 404
    assert (await client("GET", "/t/acme/api/v1/connectors/a")).status == 200
    assert (await client("GET", "/t/default/api/v1/connectors/a")).status == 404


@pytest.mark.parametrize("tenant", ["a%20b", "..", "-", "a" * 101])
async def test_names_that_are_no_tenant(client, tenant):
    answer = await client("GET", f"/t/{tenant}/api/v1/connectors")
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
