"""What explain says of a run: real servers, and no secret in it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sealgate.execution.engine import Engine
from sealgate.execution.trial import TestRequest
from sealgate.secret import MASK, Secret
from sealgate.services.secrets import put_secret
from sealgate.settings import Settings
from sealgate.testing import Authority, FakeApi, OAuthServer, keys
from sealgate.testing.raw import RawUpstream
from sealgate.web.studio.explained import explained_run

Explain = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def engine(tmp_path: Path, authority: Authority) -> AsyncIterator[Engine]:
    allowed = ("http://127.0.0.1:*", "https://127.0.0.1:*")
    settings = Settings(data=tmp_path / "data", egress_allow=allowed, egress_ca_file=authority.ca_file)
    async with await Engine.start(settings) as engine:
        yield engine


@pytest.fixture
def explain(engine: Engine) -> Explain:
    async def explain(**document: Any) -> dict[str, Any]:
        result = await engine.test("default", {"name": "x", **document}, TestRequest())
        return result.explain

    return explain


@pytest.mark.parametrize("tls", [False, True])
async def test_tls_is_a_step_of_its_own_on_a_new_connection(
    explain: Explain, authority: Authority, tls: bool
) -> None:
    async with RawUpstream(authority.server("127.0.0.1") if tls else None) as api:
        for _ in range(2):
            api.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", close=False)
        first, second = await explain(url=f"{api.origin}/"), await explain(url=f"{api.origin}/")
    names = [bar.name for bar in explained_run(first).bars]
    assert names.count("TLS") == tls
    assert not tls or names.index("Connect") + 1 == names.index("TLS") == names.index("Wait for the API") - 1
    connection = first["connection"]
    assert not tls or 0 < connection["tls_ms"] <= connection["connect_ms"]
    assert second["connection"] | {"head_ms": 0} == {
        "address": "127.0.0.1",
        "proxy": None,
        "reused": True,
        "connect_ms": None,
        "tls_ms": None,
        "head_ms": 0,
    }


@pytest.fixture
def oauth() -> Iterator[OAuthServer]:
    with OAuthServer() as server:
        yield server


async def store(engine: Engine, **values: str) -> None:
    for name, value in values.items():
        await put_secret(engine, "default", name, Secret(value), actor="a test")
    await engine.refresh()


@pytest.mark.parametrize("allowed", [False, True])
async def test_the_assertion_of_jwt_bearer_is_decoded(
    engine: Engine, explain: Explain, oauth: OAuthServer, allowed: bool
) -> None:
    key = keys.rsa_key(name="explain")
    oauth.add_key("the-client", key.public_pem)
    if allowed:
        oauth.allow_subject("ada@example.com")
    else:
        oauth.allow_subject("somebody@else.example")
    await store(engine, explain_key=key.private_pem, explain_claim="canary-claim-3f9a")
    config = {
        "client_id": "the-client",
        "private_key": "{{ get_secret('explain_key') }}",
        "token_url": oauth.token_url,
        "subject": "ada@example.com",
        "audience": oauth.origin,
        "additional_claims": {"team": "blue", "hidden": "{{ get_secret('explain_claim') }}"},
    }
    with FakeApi() as api:
        document = {
            "url": f"{api.origin}/x",
            "authentication": {"type": "oauth_jwt_bearer", "config": config},
        }
        found = await explain(**document)
        again = await explain(**document)
    endpoint = found["authentication"]["token_endpoint"]
    assert endpoint["status"] == (200 if allowed else 400)
    asked = endpoint["request"]
    assert asked["url"] == oauth.token_url
    assert asked["parameters"] == {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": MASK,
    }
    claims = asked["assertion"]["claims"]
    assert (claims["sub"], claims["team"], claims["hidden"]) == ("ada@example.com", "blue", "[redacted]")
    assert asked["assertion"]["header"]["alg"] == "RS256"
    assert found["secrets"] == ["explain_claim", "explain_key"]
    sent = oauth.token_requests[0].form["assertion"]
    assert sent.rpartition(".")[2] not in json.dumps([found, again])
    if allowed:
        assert again["authentication"]["source"] == "cache"
    else:  # while the endpoint is left alone the same failure is told, with what was asked
        assert again["authentication"]["token_endpoint"]["request"] == asked


async def test_what_a_token_endpoint_was_asked_holds_no_credential(
    engine: Engine, explain: Explain, oauth: OAuthServer
) -> None:
    oauth.add_client("me", "canary-client-secret-91d", scopes=["read"])
    await store(engine, explain_secret="canary-client-secret-91d")
    config = {
        "client_id": "me",
        "client_secret": "{{ get_secret('explain_secret') }}",
        "token_url": oauth.token_url,
        "scope": "read",
    }
    with FakeApi() as api:
        found = await explain(
            url=f"{api.origin}/x", authentication={"type": "oauth_client_credentials", "config": config}
        )
    endpoint = found["authentication"]["token_endpoint"]
    assert endpoint["request"]["parameters"] == {
        "grant_type": "client_credentials",
        "client_id": "me",
        "client_secret": MASK,
        "scope": "read",
    }
    assert endpoint["request"]["assertion"] is None
    assert "canary" not in json.dumps(found) and oauth.issued[0].token not in json.dumps(found)


async def test_a_key_that_cannot_be_used_is_named(engine: Engine, explain: Explain) -> None:
    await store(engine, explain_bad_key="no key at all")
    config = {"private_key": "{{ get_secret('explain_bad_key') }}", "claims": {"sub": "a"}}
    found = await explain(url="http://127.0.0.1:9/", authentication={"type": "jwt", "config": config})
    assert (found["error"]["code"], found["secrets"]) == ("SIGNING_FAILED", ["explain_bad_key"])


async def test_the_content_type_of_a_rendered_body_is_shown_and_in_the_curl_line(explain: Explain) -> None:
    with FakeApi() as api:
        found = await explain(
            url=f"{api.origin}/x",
            method="POST",
            headers=[{"key": "X-A", "value": "1"}],
            request_body='{"a": 1}',
        )
        sent = api.requests[-1]
    assert found["request"]["headers"] == {"X-A": "1", "Content-Type": "application/json"}
    assert sent.header("Content-Type") == "application/json"
    assert "Content-Type: application/json" in found["curl"]
