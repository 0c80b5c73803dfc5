"""`key_id('name')`: what a connector says of its key is true while the key is renewed under it. An
independent library verifies everything with the published keys."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from gateway import Gateway, exchange
from joserfc import jwt
from joserfc.jwk import KeySet

from sealgate.testing import FakeApi, OAuthServer, keys

KID = "{{ key_id('SECRET') }}"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("key-id")) as running:
        yield running


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as server:
        yield server


def renew(gateway: Gateway, secret: str, publish: bool = True) -> dict[str, str]:
    body = {"algorithm": "ES256", "publish": publish}
    made = gateway.admin("POST", f"/api/v1/secrets/{secret}/key-pair", body)
    assert made.status in (200, 201), made.body
    return dict(made.json["jwk"])


def signing(api: FakeApi, secret: str, kid: str = KID, algorithm: str = "ES256") -> dict[str, Any]:
    config = {
        "private_key": f"{{{{ get_secret('{secret}') }}}}",
        "algorithm": algorithm,
        "claims": {"sub": "reports", "iat": "{{ now() }}", "exp": "{{ now(60) }}"},
        "jwt_headers": {"kid": kid.replace("SECRET", secret)},
    }
    return {"url": f"{api.origin}/x", "authentication": {"type": "jwt", "config": config}}


def arrived(api: FakeApi) -> list[str]:
    return [str(request.header("Authorization")).removeprefix("Bearer ") for request in api.requests]


def verified(gateway: Gateway, token: str, algorithm: str = "ES256") -> str:
    """The `kid` of a token that the published key of that `kid` verifies."""
    published = exchange(gateway.port, "GET", "/.well-known/jwks.json").json
    kids = {key["kid"] for key in published["keys"]}
    kid = jwt.decode(token, KeySet.import_key_set(published), algorithms=[algorithm]).header["kid"]
    assert kid in kids
    return str(kid)


def test_kid_and_signature_change_together_while_calls_go_on(gateway: Gateway, api: FakeApi) -> None:
    kids = [renew(gateway, "renewed")["kid"]]
    permalink = gateway.connector(signing(api, "renewed"))
    ended, statuses = threading.Event(), []

    def call_on_and_on() -> None:
        while not ended.is_set():
            statuses.append(gateway.call(permalink).status)

    caller = threading.Thread(target=call_on_and_on)
    caller.start()
    for _ in range(3):
        kids.append(renew(gateway, "renewed")["kid"])
        gateway.settle()
    ended.set()
    caller.join()
    assert set(statuses) == {200}
    tokens = arrived(api)
    seen = list(dict.fromkeys(verified(gateway, token) for token in dict.fromkeys(tokens)))
    assert set(seen) == set(kids) and len(set(kids)) == 4
    assert gateway.call(permalink).status == 200
    assert verified(gateway, arrived(api)[-1]) == kids[-1]


def test_the_assertion_of_a_jwt_bearer_grant_names_the_key_in_force(gateway: Gateway, api: FakeApi) -> None:
    with OAuthServer() as oauth:
        oauth.allow_subject("reports")
        config = {
            "client_id": "reports-client",
            "private_key": "{{ get_secret('assertion_key') }}",
            "algorithm": "ES256",
            "token_url": oauth.token_url,
            "subject": "reports",
            "audience": oauth.token_url,
            "jwt_headers": {"kid": "{{ key_id('assertion_key') }}"},
        }
        kids, permalink = [], None
        for _ in range(2):
            jwk = renew(gateway, "assertion_key")
            oauth.add_key("reports-client", jwk, "ES256")
            kids.append(jwk["kid"])
            authentication = {"type": "oauth_jwt_bearer", "config": config}
            permalink = permalink or gateway.connector(
                {"url": f"{api.origin}/x", "authentication": authentication}
            )
            gateway.settle()
            assert gateway.call(permalink).status == 200
        assertions = [request.form["assertion"] for request in oauth.token_requests]
        assert all(request.verified for request in oauth.token_requests)
    assert [verified(gateway, assertion) for assertion in assertions] == kids


def test_a_header_that_signs_by_itself(gateway: Gateway, api: FakeApi) -> None:
    kid = renew(gateway, "by_itself")["kid"]
    value = "{{ jwt_encode({'sub': 'a'}, get_secret('by_itself'), 'ES256', {'kid': key_id('by_itself')}) }}"
    permalink = gateway.connector({"url": f"{api.origin}/x", "headers": [{"key": "X-Jwt", "value": value}]})
    assert gateway.call(permalink).status == 200
    assert verified(gateway, str(api.requests[-1].header("X-Jwt"))) == kid


def test_a_private_key_that_was_stored_by_hand_has_one_too(gateway: Gateway, api: FakeApi) -> None:
    gateway.secret("by_hand", keys.rsa_key().private_pem)
    permalink = gateway.connector(signing(api, "by_hand", algorithm="RS256"))
    assert gateway.call(permalink).status == 200
    path = "/api/v1/secrets/by_hand/public-key"
    assert gateway.admin("PUT", path, {"published": True}).status == 200
    gateway.settle()
    kid = verified(gateway, arrived(api)[-1], "RS256")
    assert kid == gateway.admin("GET", path).json["jwk"]["kid"]


def test_a_secret_without_a_key_pair(gateway: Gateway, api: FakeApi) -> None:
    gateway.secret("api_key_alone", "canary-of-no-key-pair-0001")
    row = {"key": "X-Kid", "value": "{{ key_id('api_key_alone') }}"}
    document = {"name": "none", "url": f"{api.origin}/x", "headers": [row]}
    saved = gateway.admin("PUT", "/api/v1/connectors/none", document)
    (warning,) = saved.json["warnings"]
    assert warning["path"] == "headers.0.value" and "has no key pair" in warning["message"]
    gateway.settle()
    refused = gateway.call("none")
    assert refused.status == 422 and refused.code == "REQUEST_TEMPLATE_FAILED"
    assert "the secret 'api_key_alone' has no key pair" in str(refused.json) and not api.requests


def test_it_is_shown_and_shows_nothing_of_the_secret(gateway: Gateway, api: FakeApi) -> None:
    """A test run shows the `kid`, which everybody may know; the secret goes nowhere by it."""
    kid = renew(gateway, "shown", publish=False)["kid"]
    hosts = {"allowed_hosts": ["elsewhere.example.com"]}
    assert gateway.admin("PUT", "/api/v1/secrets/shown/allowed-hosts", hosts).status == 200
    gateway.settle()
    row = {"key": "X-Kid", "value": "{{ key_id('shown') }}"}
    tested = gateway.test(connector={"name": "shown", "url": f"{api.origin}/x", "headers": [row]})
    assert tested.status == 200 and kid in tested.body.decode(), tested.body
    assert api.requests[-1].header("X-Kid") == kid
    gateway.search(tested.body, "the test run")
