import json
import time
from urllib.parse import parse_qsl

import pytest
from joserfc import jwk, jws
from pydantic import ValidationError

from sealgate.auth.base import TokenReply
from sealgate.auth.jwt_bearer import JwtBearer, JwtBearerConfig
from sealgate.errors import RequestTemplateFailed, SigningFailed
from sealgate.secret import Secret

NOW = 1743003600.0
GRANTED = TokenReply(200, {}, b'{"access_token":"00D5f!AQcAQH","token_type":"Bearer"}')
SECRET = Secret("0123456789abcdef" * 4)
DOCUMENT = {
    "client_id": "{{ get_secret('id') }}",
    "private_key": "{{ get_secret('key') }}",
    "token_url": "https://login.example/t",
    "subject": "{{ user.email }}",
    "audience": "https://login.example",
}


@pytest.fixture
def config(token_url):
    return {
        "client_id": Secret("3MVG9"),
        "private_key": SECRET,
        "algorithm": "HS256",
        "token_url": token_url,
        "subject": "admin@example.com",
        "audience": "https://login.salesforce.com",
    }


def claims_of(value, now=NOW):
    return value.claims(int(now))


def test_what_the_token_endpoint_receives(step, keys, config):
    config |= {
        "private_key": Secret(keys.pem("rsa")),
        "algorithm": "RS256",
        "additional_claims": {"scope": "api refresh_token"},
        "jwt_headers": {"kid": Secret("key-1")},
    }
    stepped = step(JwtBearer.from_rendered(config), GRANTED, now=NOW + 0.9)
    request = stepped.request
    assert (request.method, str(request.origin), request.target) == (
        "POST",
        "https://login.salesforce.com",
        "/services/oauth2/token",
    )
    assert ("Content-Type", "application/x-www-form-urlencoded") in request.headers
    start = b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
    assert stepped.body.startswith(start)
    fields = dict(parse_qsl(stepped.body.decode()))
    assert set(fields) == {"grant_type", "assertion"}
    assert stepped.body == start + fields["assertion"].encode()
    signed = jws.deserialize_compact(fields["assertion"], jwk.import_key(keys.public_pem("rsa"), "RSA"))
    assert signed.headers() == {"alg": "RS256", "kid": "key-1", "typ": "JWT"}
    assert signed.payload == (
        b'{"iss":"3MVG9","sub":"admin@example.com","aud":"https://login.salesforce.com",'
        b'"exp":1743003780,"iat":1743003600,"scope":"api refresh_token"}'
    )


def test_what_the_api_receives(step, config):
    credential = step(JwtBearer.from_rendered(config), GRANTED).credential
    assert (credential.placement, credential.name) == ("header", "Authorization")
    assert credential.value.reveal() == "Bearer 00D5f!AQcAQH"


@pytest.mark.parametrize(
    ("ttl", "expires_in", "lifetime"),
    [
        (None, None, 3600.0),
        (600, None, 600.0),
        ("600", None, 600.0),
        (Secret(" 600\n"), None, 600.0),
        (600, 60, 60.0),
        (600, "60", 60.0),
        (60, 600, 60.0),
        (600, 0, None),
        (600, -1, None),
        (600, "soon", 600.0),
        (1, None, 1.0),
    ],
)
def test_lifetime_is_the_earlier_of_both(step, config, ttl, expires_in, lifetime):
    if ttl is not None:
        config["token_ttl"] = ttl
    reply = {"access_token": "T"} | ({} if expires_in is None else {"expires_in": expires_in})
    credential = step(
        JwtBearer.from_rendered(config), TokenReply(200, {}, json.dumps(reply).encode())
    ).credential
    assert credential.lifetime == lifetime


@pytest.mark.parametrize("ttl", ["", "soon", "0", "-5", "1.5", 0])
def test_a_time_to_live_that_is_none_is_refused(config, ttl):
    with pytest.raises(RequestTemplateFailed) as caught:
        JwtBearer.from_rendered(config | {"token_ttl": ttl})
    assert caught.value.field == "authentication.config.token_ttl"


@pytest.mark.parametrize(
    ("additional", "exp", "iat"),
    [
        ({}, NOW + 180, NOW),
        ({"exp": str(int(NOW + 60))}, NOW + 60, NOW),
        ({"exp": NOW + 180}, NOW + 180, NOW),
        ({"iat": Secret(str(int(NOW - 30)))}, NOW + 150, NOW - 30),
        ({"iat": NOW - 30, "exp": NOW + 100}, NOW + 100, NOW - 30),
    ],
)
def test_additional_claims_may_shorten_the_assertion(config, additional, exp, iat):
    claims = claims_of(JwtBearer.from_rendered(config | {"additional_claims": additional}))
    assert (claims["exp"], claims["iat"]) == (exp, iat)
    assert list(claims) == ["iss", "sub", "aud", "exp", "iat"]


@pytest.mark.parametrize(
    ("additional", "words"),
    [
        ({"exp": str(int(NOW + 181))}, "beyond"),
        ({"exp": NOW + 3600}, "beyond"),
        ({"iat": NOW - 30, "exp": NOW + 180}, "beyond"),
        ({"iat": NOW + 1}, "beyond"),
        ({"iat": NOW - 500}, "passed already"),
        ({"exp": NOW}, "passed already"),
        ({"exp": "tomorrow"}, "not a number"),
        ({"exp": ""}, "not a number"),
        ({"exp": True}, "not a number"),
        ({"exp": None}, "not a number"),
        ({"iat": [1]}, "not a number"),
        ({"exp": float("nan")}, "not a number"),
    ],
)
def test_additional_claims_never_stretch_it(step, config, additional, words):
    with pytest.raises(SigningFailed, match=words) as caught:
        step(JwtBearer.from_rendered(config | {"additional_claims": additional}), now=NOW)
    assert caught.value.field == "authentication.config.additional_claims"


def test_nbf_is_cast_and_nested_claims_stay(config):
    additional = {"nbf": "1743003600", "act": {"sub": Secret("x")}, "n": 1}
    claims = claims_of(JwtBearer.from_rendered(config | {"additional_claims": additional}))
    assert claims["nbf"] == 1743003600
    assert claims["act"] == {"sub": Secret("x")}


@pytest.mark.parametrize("name", ["client_id", "private_key", "token_url", "subject", "audience"])
def test_required(config, name):
    with pytest.raises(RequestTemplateFailed) as caught:
        JwtBearer.from_rendered(config | {name: ""})
    assert caught.value.field == f"authentication.config.{name}"
    with pytest.raises(ValidationError) as invalid:
        JwtBearerConfig.model_validate({key: value for key, value in DOCUMENT.items() if key != name})
    assert [error["loc"] for error in invalid.value.errors()] == [(name,)]


def test_defaults():
    config = JwtBearerConfig.model_validate(DOCUMENT)
    assert (config.token_ttl, config.algorithm) == (3600, "RS256")
    assert (config.additional_claims, config.jwt_headers, config.passphrase) == ({}, {}, None)


@pytest.mark.parametrize(
    ("ttl", "kept"),
    [(1, 1), (86400, 86400), ("900", 900), ("{{ get_variable('ttl') }}", "{{ get_variable('ttl') }}")],
)
def test_times_to_live_that_may_be_written(ttl, kept):
    assert JwtBearerConfig.model_validate(DOCUMENT | {"token_ttl": ttl}).token_ttl == kept


def test_shorter_dates_and_templates_may_be_written():
    additional = {"exp": "{{ now(60) }}", "iat": int(time.time()) - 10, "scope": "api", "n": {"a": [1]}}
    document = DOCUMENT | {"additional_claims": additional}
    assert JwtBearerConfig.model_validate(document).additional_claims == additional


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"token_ttl": 0}, "1 or more"),
        ({"token_ttl": -1}, "1 or more"),
        ({"token_ttl": 1.5}, "1 or more"),
        ({"token_ttl": True}, "1 or more"),
        ({"token_ttl": "0"}, "1 or more"),
        ({"token_ttl": "soon"}, "1 or more"),
        ({"token_ttl": None}, "1 or more"),
        ({"additional_claims": {"iss": "x"}}, "iss"),
        ({"additional_claims": {"sub": "x", "aud": "y"}}, "sub, aud"),
        ({"additional_claims": {"exp": 9999999999}}, "`exp` lies beyond"),
        ({"additional_claims": {"exp": "9999999999"}}, "`exp` lies beyond"),
        ({"additional_claims": {"iat": 9999999999}}, "`iat` lies beyond"),
        ({"additional_claims": {"exp": "tomorrow"}}, "`exp` must be a number"),
        ({"additional_claims": {"exp": None}}, "`exp` must be a number"),
        ({"jwt_headers": {"alg": "none"}}, "alg"),
        ({"algorithm": "none"}, "unsigned"),
    ],
)
def test_faults(members, words):
    with pytest.raises(ValidationError) as caught:
        JwtBearerConfig.model_validate(DOCUMENT | members)
    (error,) = caught.value.errors()
    assert error["loc"] == (next(iter(members)),)
    assert words in error["msg"]


def test_every_fault_at_once():
    with pytest.raises(ValidationError) as caught:
        JwtBearerConfig.model_validate({"algorithm": "none", "token_ttl": 0, "jwt_headers": {"crit": []}})
    assert {error["loc"][0] for error in caught.value.errors()} == {
        *("client_id", "private_key", "token_url", "subject", "audience"),
        *("algorithm", "token_ttl", "jwt_headers"),
    }
