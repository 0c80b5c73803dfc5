import base64
import json

import pytest
from joserfc import jwk, jws
from pydantic import ValidationError

from sealgate.auth._fields import ALGORITHMS
from sealgate.auth.jwt import Jwt, JwtConfig
from sealgate.errors import RequestTemplateFailed, SigningFailed
from sealgate.secret import Secret

SECRET = Secret("0123456789abcdef" * 4)
CLAIMS = {
    "iss": "my-service",
    "sub": "john@example.com",
    "aud": "https://api.example.com",
    "exp": "1743007200",
    "iat": "1743003600",
}


def payload(credential):
    token = credential.value.reveal().removeprefix("Bearer ")
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def test_what_the_api_receives(step, keys):
    config = {
        "private_key": Secret(keys.pem("rsa")),
        "algorithm": "RS256",
        "claims": CLAIMS,
        "jwt_headers": {"kid": "my-key-id"},
    }
    stepped = step(Jwt.from_rendered(config))
    assert stepped.requests == []
    credential = stepped.credential
    assert (credential.placement, credential.name) == ("header", "Authorization")
    assert credential.lifetime is None
    token = credential.value.reveal().removeprefix("Bearer ")
    signed = jws.deserialize_compact(token, jwk.import_key(keys.public_pem("rsa"), "RSA"))
    assert signed.headers() == {"alg": "RS256", "kid": "my-key-id", "typ": "JWT"}
    assert signed.payload == (
        b'{"iss":"my-service","sub":"john@example.com","aud":"https://api.example.com",'
        b'"exp":1743007200,"iat":1743003600}'
    )


def test_every_call_signs_anew(step, keys):
    value = Jwt.from_rendered(
        {"private_key": Secret(keys.pem("p256")), "algorithm": "ES256", "claims": CLAIMS}
    )
    first, second = (step(value).credential.value for _ in range(2))
    assert first != second
    assert value.cached is False


def test_the_algorithm_is_rs256_by_default(step, keys):
    credential = step(Jwt.from_rendered({"private_key": keys.pem("rsa"), "claims": CLAIMS})).credential
    assert credential.value.reveal().startswith("Bearer eyJhbGciOiJSUzI1NiI")


@pytest.mark.parametrize(
    ("name", "rendered", "signed"),
    [
        ("exp", "1743007200", 1743007200),
        ("iat", " 1743003600\n", 1743003600),
        ("nbf", "1743003600.0", 1743003600),
        ("nbf", "-60", -60),
        ("exp", Secret("1743007200"), 1743007200),
        ("exp", 1743007200, 1743007200),
        ("exp", 1743007200.5, 1743007200.5),
        ("exp", "", ""),
        ("exp", "tomorrow", "tomorrow"),
        ("exp", True, True),
        ("sub", "1743007200", "1743007200"),
        ("tenant", "42", "42"),
        ("nested", {"exp": "1743007200"}, {"exp": "1743007200"}),
        ("roles", ["1", 2, None, {"a": False}], ["1", 2, None, {"a": False}]),
    ],
)
def test_only_the_three_dates_are_cast(step, name, rendered, signed):
    value = Jwt.from_rendered({"private_key": SECRET, "algorithm": "HS256", "claims": {name: rendered}})
    result = payload(step(value).credential)[name]
    assert result == signed
    assert type(result) is type(signed)


def test_an_encrypted_key_opens_with_its_passphrase(step, keys):
    config = {
        "private_key": Secret(keys.pem("rsa", passphrase="open sesame")),
        "claims": CLAIMS,
        "passphrase": Secret("open sesame"),
    }
    assert step(Jwt.from_rendered(config)).credential
    with pytest.raises(SigningFailed) as caught:
        step(Jwt.from_rendered({**config, "passphrase": ""}))
    assert caught.value.field == "authentication.config.passphrase"


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"private_key": Secret("short")}, "private_key"),
        ({"algorithm": "none"}, "algorithm"),
        ({"algorithm": ""}, "algorithm"),
        ({"algorithm": Secret("HS257")}, "algorithm"),
        ({"jwt_headers": {"crit": ["exp"]}}, "jwt_headers"),
        ({"claims": {"a": float("nan")}}, "claims"),
    ],
)
def test_signing_refusals_name_the_field(step, members, field):
    config = {"private_key": SECRET, "algorithm": "HS256", "claims": CLAIMS}
    with pytest.raises(SigningFailed) as caught:
        step(Jwt.from_rendered(config | members))
    assert caught.value.field == f"authentication.config.{field}"


def test_a_key_that_rendered_to_nothing_is_refused():
    with pytest.raises(RequestTemplateFailed) as caught:
        Jwt.from_rendered({"private_key": "", "claims": CLAIMS})
    assert caught.value.field == "authentication.config.private_key"


def test_defaults():
    config = JwtConfig.model_validate({"private_key": "k", "claims": {"a": 1}})
    assert (config.algorithm, config.jwt_headers, config.passphrase) == ("RS256", {}, None)


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, "{{ get_variable('algorithm') }}"])
def test_algorithms_that_may_be_written(algorithm):
    JwtConfig.model_validate({"private_key": "k", "claims": {"a": 1}, "algorithm": algorithm})


@pytest.mark.parametrize(
    ("members", "field", "words"),
    [
        ({"algorithm": "none"}, "algorithm", "unsigned"),
        ({"algorithm": "RS1"}, "algorithm", "PS512"),
        ({"claims": {}}, "claims", "at least one"),
        ({"claims": []}, "claims", ""),
        ({"jwt_headers": {"alg": "HS256"}}, "jwt_headers", "alg"),
        ({"jwt_headers": {"b64": False}}, "jwt_headers", "b64"),
        ({"jwt_headers": {"crit": []}}, "jwt_headers", "crit"),
        ({"private_key": ""}, "private_key", ""),
    ],
)
def test_faults(members, field, words):
    with pytest.raises(ValidationError) as caught:
        JwtConfig.model_validate({"private_key": "k", "claims": {"a": 1}} | members)
    (error,) = caught.value.errors()
    assert error["loc"][0] == field
    assert words in error["msg"]


def test_other_header_members_may_be_written():
    headers = {"kid": "k", "typ": "JWT", "x5t": "t", "cty": "c", "x-own": ["a", 1, None]}
    document = {"private_key": "k", "claims": {"a": 1}, "jwt_headers": headers}
    assert JwtConfig.model_validate(document).jwt_headers == headers
