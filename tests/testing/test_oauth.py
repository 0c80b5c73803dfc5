"""The OAuth server really refuses what is wrong, and misbehaves only when told to."""

import base64
import http.client
import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from sealgate.testing import FakeApi, OAuthServer
from sealgate.testing.grants import JWT_BEARER
from sealgate.testing.jwts import sign
from sealgate.testing.keys import ALGORITHMS, hmac_secret, rsa_key, signing_keys

SUBJECT = "ada@example.com"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def post(oauth: OAuthServer, form, path: str | None = None) -> tuple[int, bytes]:
    body = urlencode(form).encode()
    try:
        opener = urllib.request.build_opener(NoRedirect)
        with opener.open(path or oauth.token_url, body, timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def client_credentials(**changes) -> dict[str, str]:
    form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s3cret"}
    return {name: value for name, value in {**form, **changes}.items() if value is not None}


def claims(oauth: OAuthServer, **changes) -> dict:
    now = int(time.time())
    right = {"iss": "app", "sub": SUBJECT, "aud": oauth.origin, "iat": now, "exp": now + 180}
    return {name: value for name, value in {**right, **changes}.items() if value is not None}


def bearer(assertion: str) -> dict[str, str]:
    return {"grant_type": JWT_BEARER, "assertion": assertion}


@pytest.fixture
def oauth(oauth_server: OAuthServer) -> OAuthServer:
    oauth_server.add_client("app", "s3cret", scopes=["api", "refresh_token"])
    oauth_server.add_key("app", rsa_key().public_pem)
    oauth_server.allow_subject(SUBJECT)
    return oauth_server


def test_client_credentials_give_a_token(oauth: OAuthServer):
    status, body = post(oauth, client_credentials(scope="api refresh_token"))
    token = json.loads(body)
    assert status == 200
    assert token == {
        "token_type": "Bearer",
        "access_token": token["access_token"],
        "expires_in": 3600,
        "scope": "api refresh_token",
    }
    (issued,) = oauth.issued
    assert (issued.client_id, issued.subject, issued.scope) == ("app", None, "api refresh_token")
    assert oauth.accepts(token["access_token"])
    assert token["access_token"] not in repr(issued)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"client_secret": None}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": "key-only"}, "invalid_client"),
        ({"scope": "api admin"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
    ],
)
def test_wrong_client_credentials_are_refused(oauth: OAuthServer, changes, error):
    oauth.add_key("key-only", rsa_key().public_pem)
    status, body = post(oauth, client_credentials(**changes))
    assert (status, json.loads(body)["error"]) == (400, error)
    assert oauth.issued == []
    assert oauth.token_requests[0].error == error
    assert not oauth.token_requests[0].verified


def test_basic_authentication_is_not_client_secret_post(oauth: OAuthServer):
    value = base64.b64encode(b"app:s3cret").decode()
    request = urllib.request.Request(
        oauth.token_url, b"grant_type=client_credentials", {"Authorization": f"Basic {value}"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 400
    refused.value.close()


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_right_assertion_gives_a_token(oauth: OAuthServer, algorithm):
    private, public = signing_keys(algorithm)
    oauth.add_key("signer", public, algorithm)
    assertion = sign(claims(oauth, iss="signer"), private, algorithm, {"kid": "key-1"})
    status, body = post(oauth, bearer(assertion))
    assert status == 200, body
    (request,) = oauth.token_requests
    assert request.verified
    assert request.assertion_header == {"alg": algorithm, "kid": "key-1"}
    assert request.assertion_claims["sub"] == SUBJECT
    assert oauth.issued[0].subject == SUBJECT


def test_the_scope_comes_from_the_assertion(oauth: OAuthServer):
    assertion = sign(claims(oauth, scope="api"), rsa_key().private_pem, "RS256")
    assert json.loads(post(oauth, bearer(assertion))[1])["scope"] == "api"
    greedy = sign(claims(oauth, scope="admin"), rsa_key().private_pem, "RS256")
    assert json.loads(post(oauth, bearer(greedy))[1])["error"] == "invalid_scope"


def test_a_public_jwk_verifies_too(oauth: OAuthServer):
    oauth.add_key("jwk", rsa_key().public_jwk)
    assertion = sign(claims(oauth, iss="jwk"), rsa_key().private_jwk, "RS256")
    assert post(oauth, bearer(assertion))[0] == 200


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"aud": "https://login.example"}, "aud"),
        ({"aud": None}, "aud"),
        ({"exp": int(time.time()) - 3600}, "expired"),
        ({"exp": None}, "exp"),
        ({"iat": int(time.time()) + 3600}, "issued in the future"),
        ({"sub": "mallory@example.com"}, "sub"),
        ({"sub": None}, "sub"),
        ({"iss": "nobody"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"iss": ["app"]}, "issuer"),
    ],
)
def test_wrong_claims_are_refused(oauth: OAuthServer, changes, why):
    assertion = sign(claims(oauth, **changes), rsa_key().private_pem, "RS256")
    status, body = post(oauth, bearer(assertion))
    assert (status, json.loads(body)["error"]) == (400, "invalid_grant")
    assert why in json.loads(body)["error_description"]
    assert oauth.issued == []
    assert not oauth.token_requests[0].verified


def unsigned(oauth: OAuthServer) -> str:
    signed = sign(claims(oauth), rsa_key().private_pem, "RS256")
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return f"{header}.{signed.split('.')[1]}."


def tampered(oauth: OAuthServer) -> str:
    mine = sign(claims(oauth), rsa_key().private_pem, "RS256").split(".")
    other = sign(claims(oauth, scope="api"), rsa_key().private_pem, "RS256").split(".")
    return f"{mine[0]}.{other[1]}.{mine[2]}"


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda oauth: sign(claims(oauth), rsa_key(name="other").private_pem, "RS256"), id="key"),
        pytest.param(lambda oauth: sign(claims(oauth), rsa_key().private_pem, "RS384"), id="algorithm"),
        pytest.param(lambda oauth: sign(claims(oauth), hmac_secret("HS256"), "HS256"), id="hmac"),
        pytest.param(unsigned, id="none"),
        pytest.param(tampered, id="claims"),
        pytest.param(lambda oauth: "not.a.jwt", id="garbage"),
    ],
)
def test_forged_assertions_are_refused(oauth: OAuthServer, forge):
    status, body = post(oauth, bearer(forge(oauth)))
    assert (status, json.loads(body)["error"]) == (400, "invalid_grant")
    assert oauth.issued == []


def test_a_client_without_a_key_cannot_use_assertions(oauth_server: OAuthServer):
    oauth_server.add_client("app", "s3cret")
    assertion = sign(claims(oauth_server), rsa_key().private_pem, "RS256")
    assert json.loads(post(oauth_server, bearer(assertion))[1])["error"] == "invalid_grant"


def test_the_raw_request_is_kept(oauth: OAuthServer):
    post(oauth, client_credentials())
    (request,) = oauth.token_requests
    assert request.body == b"grant_type=client_credentials&client_id=app&client_secret=s3cret"
    assert request.form["client_secret"] == "s3cret"
    assert ("Content-Type", "application/x-www-form-urlencoded") in request.headers
    assert (request.status, request.error, request.verified) == (200, None, True)
    oauth.clear()
    assert oauth.token_requests == oauth.requests == []


def test_tokens_expire_and_can_be_revoked(oauth: OAuthServer):
    first, second = (json.loads(post(oauth, client_credentials())[1])["access_token"] for _ in range(2))
    oauth.revoke(first)
    assert (oauth.accepts(first), oauth.accepts(second), oauth.accepts("made-up")) == (False, True, False)
    oauth.expires_in = 0
    expired = json.loads(post(oauth, client_credentials())[1])
    assert expired["expires_in"] == 0
    assert not oauth.accepts(expired["access_token"])


def test_the_demo_api_takes_its_tokens(oauth: OAuthServer, fake_api: FakeApi):
    token = json.loads(post(oauth, client_credentials())[1])["access_token"]
    request = urllib.request.Request(
        fake_api.origin + "/protected", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 200
    oauth.revoke(token)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 401
    refused.value.close()


@pytest.mark.parametrize(
    ("kind", "status", "shows"),
    [
        ("empty", 200, b""),
        ("html", 200, b"Sign in"),
        ("429", 429, b"temporarily_unavailable"),
        ("500", 500, b"Internal Server Error"),
        ("no_access_token", 200, b'"token_type": "Bearer", "expires_in"'),
        ("slow", 200, b"access_token"),
        ("mac_token_type", 200, b'"token_type": "mac"'),
        ("expires_in_string", 200, b'"expires_in": "3600"'),
        ("no_expires_in", 200, b"access_token"),
        ("redirect", 307, b""),
        ("echo_request", 400, b"client_secret=s3cret"),
    ],
)
def test_misbehaviour_lasts_as_long_as_asked(oauth: OAuthServer, kind, status, shows):
    oauth.misbehave(kind, 1, seconds=0.01)
    answered, body = post(oauth, client_credentials())
    assert (answered, oauth.token_requests[0].status) == (status, status)
    assert shows in body
    assert (b"access_token" in body) == (status == 200 and kind not in ("empty", "html", "no_access_token"))
    assert (b"expires_in" in body) == (b"access_token" in body and kind != "no_expires_in") or (
        kind == "no_access_token"
    )
    assert "expires_in" in json.loads(post(oauth, client_credentials())[1])


def test_misbehaviour_until_cleared(oauth: OAuthServer):
    oauth.misbehave("500")
    assert [post(oauth, client_credentials())[0] for _ in range(3)] == [500] * 3
    oauth.behave()
    assert post(oauth, client_credentials())[0] == 200


def test_a_closed_connection_has_no_status(oauth: OAuthServer):
    oauth.misbehave("close", 1)
    with pytest.raises((http.client.RemoteDisconnected, urllib.error.URLError)):
        post(oauth, client_credentials())
    assert oauth.token_requests[0].status is None


def test_too_many_requests_may_tell_when_to_retry(oauth: OAuthServer):
    oauth.misbehave("429", 1, seconds=7)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(oauth.token_url, urlencode(client_credentials()).encode(), timeout=10)
    assert refused.value.headers["Retry-After"] == "7"
    refused.value.close()


def test_a_followed_redirect_shows(oauth: OAuthServer):
    post(oauth, client_credentials(), oauth.origin + "/elsewhere")
    assert oauth.token_requests[0].target == "/elsewhere"


def test_an_unknown_misbehaviour_is_an_error(oauth: OAuthServer):
    with pytest.raises(ValueError, match="use one of empty, html"):
        oauth.misbehave("sulk")  # type: ignore[arg-type]


def test_five_hundred_at_once(oauth: OAuthServer):
    with ThreadPoolExecutor(500) as pool:
        replies = list(pool.map(lambda _: post(oauth, client_credentials()), range(500)))
    assert {status for status, _ in replies} == {200}
    assert len({issued.token for issued in oauth.issued}) == len(oauth.token_requests) == 500
