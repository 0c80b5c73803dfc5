"""R1 to R6 of the recipes (REFERENCE section 16), and every "What the API receives" block of section 3."""

import time
from urllib.parse import parse_qsl

import pytest
from recipe import API, Arrives, Call, Recipe, secret

from sealgate.testing import jwts, keys


def api_key(key, value, placement):
    return {
        "url": f"{API}/v1/current.json",
        "authentication": {"type": "api_key", "config": {"key": key, "value": value, "in": placement}},
    }


RECIPES = [
    Recipe(
        "R1 API key in the query",
        api_key("key", secret("weather_api_key"), "query"),
        (
            Call(
                query="q=Warsaw",
                headers={"key": "mine"},
                arrives=(Arrives("GET /v1/current.json?q=Warsaw&key=weather-key-W", {"key": None}),),
            ),
        ),
        secrets={"weather_api_key": "weather-key-W"},
    ),
    Recipe(
        "R2 API key in a header",
        api_key("X-API-Key", secret("weather_api_key"), "header"),
        (
            Call(
                query="q=Warsaw",
                headers={"X-API-Key": "mine"},
                arrives=(Arrives("GET /v1/current.json?q=Warsaw", {"X-API-Key": "weather-key-W"}),),
            ),
        ),
        secrets={"weather_api_key": "weather-key-W"},
    ),
    Recipe(
        "R3 Bearer by an API key",
        api_key("Authorization", f"Bearer {secret('my_token')}", "header"),
        (
            Call(
                query="q=Warsaw",
                arrives=(
                    Arrives("GET /v1/current.json?q=Warsaw", {"Authorization": "Bearer weather-token-T"}),
                ),
            ),
        ),
        secrets={"my_token": "weather-token-T"},
    ),
]  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_recipe(stage, recipe):
    stage.run(recipe)


def bearer(received):
    scheme, _, token = received.header("Authorization").partition(" ")
    assert scheme == "Bearer"
    return token


def test_none(gateway, api):
    permalink = gateway.connector(
        {
            "url": f"{api.origin}/v1/public/data",
            "headers": [{"key": "Content-Type", "value": "application/json"}],
            "authentication": {"type": "none"},
        }
    )
    assert gateway.call(permalink).status == 200
    (received,) = api.requests
    assert (received.method, received.target) == ("GET", "/v1/public/data")
    assert received.header("Content-Type") == "application/json"
    assert received.header("Host") == api.origin.removeprefix("http://")
    assert received.header("Authorization") is None and received.header("Cookie") is None
    names = {name.lower() for name, _ in received.headers}
    assert names <= {"host", "content-type", "accept", "accept-encoding", "user-agent", "connection"}


def test_a_caller_cannot_override_a_key_in_the_query(gateway, api):
    gateway.secret("w2", "sk-abc123-w2")
    config = {"key": "key", "value": "{{ get_secret('w2') }}", "in": "query"}
    permalink = gateway.connector(
        {"url": f"{api.origin}/w", "authentication": {"type": "apikey", "config": config}}
    )
    gateway.call(permalink, query="key=mine&q=1&KEY=x&k%65y=y")
    assert api.requests[0].target == "/w?q=1&key=sk-abc123-w2"


def client_credentials(gateway, api, oauth, **more):
    gateway.secret("cc_id", "3MVG9-client")
    gateway.secret("cc_secret", "E8B1-secret/with+signs")
    oauth.add_client("3MVG9-client", "E8B1-secret/with+signs", scopes=["read", "write"])
    config = {
        "client_id": "{{ get_secret('cc_id') }}",
        "client_secret": "{{ get_secret('cc_secret') }}",
        "token_url": oauth.token_url,
        **more,
    }
    return gateway.connector(
        {
            "url": f"{api.origin}/services/data/v59.0/sobjects/Account",
            "authentication": {"type": "oauth_client_credentials", "config": config},
        }
    )


@pytest.mark.parametrize(
    ("more", "form"), [({}, b""), ({"scope": "read write"}, b"&scope=read+write")], ids=["", "scope"]
)
def test_r4_client_credentials(gateway, api, oauth, more, form):
    permalink = client_credentials(gateway, api, oauth, **more)
    for _ in range(2):
        assert gateway.call(permalink).status == 200
    (token_request,) = oauth.token_requests
    assert token_request.body == (
        b"grant_type=client_credentials&client_id=3MVG9-client&client_secret=E8B1-secret%2Fwith%2Bsigns"
        + form
    )
    headers = {name.lower(): value for name, value in token_request.headers}
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in headers
    assert token_request.verified
    assert [bearer(received) for received in api.requests] == [oauth.issued[0].token] * 2


def test_r4_a_token_is_fetched_again_after_its_end(gateway, api, oauth):
    oauth.expires_in = 3
    permalink = client_credentials(gateway, api, oauth)
    for _ in range(2):
        assert gateway.call(permalink).status == 200
    time.sleep(max(0.0, oauth.issued[0].expires_at - time.time()))
    assert gateway.call(permalink).status == 200
    assert len(oauth.token_requests) == 2
    first, second = (issued.token for issued in oauth.issued)
    assert [bearer(received) for received in api.requests] == [first, first, second]


def test_r5_a_jwt_is_signed_for_each_call(gateway, api):
    pair = keys.rsa_key(name="jwt-block")
    gateway.secret("jwt_pk", pair.private_pem)
    permalink = gateway.connector(
        {
            "url": f"{api.origin}/v1/protected/resource",
            "authentication": {
                "type": "jwt",
                "config": {
                    "private_key": "{{ get_secret('jwt_pk') }}",
                    "claims": {
                        "iss": "my-service",
                        "sub": "{{ user.email }}",
                        "aud": "https://api.example.com",
                        "exp": "{{ now(3600) }}",
                        "iat": "{{ now() }}",
                        "nested": {"list": ["{{ user.id }}", 1, True, None]},
                    },
                    "jwt_headers": {"kid": "my-key-id"},
                },
            },
        }
    )
    before = int(time.time())
    john = {"sub": "u1", "email": "john@example.com"}
    assert gateway.call(permalink, user=john).status == 200
    time.sleep(1 - time.time() % 1)  # the same second would make the same token
    assert gateway.call(permalink, user=john).status == 200
    tokens = [bearer(received) for received in api.requests]
    assert tokens[0] != tokens[1], "signed afresh on each call"
    header, claims = jwts.verify(tokens[0], pair.public_pem, "RS256")
    assert header["alg"] == "RS256" and header["kid"] == "my-key-id"
    assert list(claims) == ["iss", "sub", "aud", "exp", "iat", "nested"]
    assert claims["sub"] == "john@example.com" and claims["aud"] == "https://api.example.com"
    assert type(claims["iat"]) is int and claims["exp"] - claims["iat"] == 3600
    assert before <= claims["iat"] <= time.time()
    assert claims["nested"] == {"list": ["u1", 1, True, None]}


def test_r6_a_jwt_bearer_assertion_goes_to_the_token_url_only(gateway, api, oauth):
    pair = keys.rsa_key(name="bearer-block")
    gateway.secret("jb_id", "3MVG9-bearer")
    gateway.secret("jb_pk", pair.private_pem)
    oauth.add_key("3MVG9-bearer", pair.public_pem, "RS256")
    oauth.allow_subject("admin@example.com")
    permalink = gateway.connector(
        {
            "url": f"{api.origin}/services/data/v59.0/sobjects/Account",
            "authentication": {
                "type": "oauth_jwt_bearer",
                "config": {
                    "client_id": "{{ get_secret('jb_id') }}",
                    "private_key": "{{ get_secret('jb_pk') }}",
                    "token_url": oauth.token_url,
                    "subject": "admin@example.com",
                    "audience": oauth.token_url,
                    "jwt_headers": {"kid": "key-1"},
                },
            },
        }
    )
    for _ in range(3):
        assert gateway.call(permalink).status == 200
    (token_request,) = oauth.token_requests
    assert token_request.body.startswith(
        b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
    )
    assert [name for name, _ in parse_qsl(token_request.body.decode())] == ["grant_type", "assertion"]
    assert token_request.verified
    claims = token_request.assertion_claims
    assert claims["iss"] == "3MVG9-bearer" and claims["sub"] == "admin@example.com"
    assert claims["exp"] - claims["iat"] == 180
    assert token_request.assertion_header["kid"] == "key-1"
    assertion = token_request.form["assertion"]
    for received in api.requests:
        assert bearer(received) == oauth.issued[0].token
        assert assertion not in repr(received)
