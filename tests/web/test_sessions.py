import asyncio
import base64
import json
import time

import pytest

from sealgate.errors import AuthenticationRequired, DocumentInvalid
from sealgate.secret import Secret
from sealgate.settings import Settings
from sealgate.testing.jwts import sign
from sealgate.web.sessions import LEEWAY, Expected, Sessions, SharedSecret, shared_secret, verify_session

SECRET = "k" * 32
KEYS = SharedSecret(Secret(SECRET))


def claims(**more):
    return {"sub": "7", "exp": int(time.time()) + 60, **more}


def unsigned(header, payload):
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (header, payload)
    ]
    return ".".join([*parts, ""])


async def test_a_good_session():
    token = sign(claims(email="ada@example.com", aud="someone", iat=int(time.time()) + 20), SECRET, "HS256")
    assert (await verify_session(Secret(token), KEYS))["email"] == "ada@example.com"


@pytest.mark.parametrize(
    ("offsets", "accepted"),
    [
        ({"exp": -20}, True),
        ({"exp": -60}, False),
        ({"exp": 60, "nbf": 20}, True),
        ({"exp": 60, "nbf": 50}, False),
    ],
)
async def test_clocks_may_differ_by_thirty_seconds(offsets, accepted):
    now = int(time.time())
    token = sign({"sub": "7", **{name: now + offset for name, offset in offsets.items()}}, SECRET, "HS256")
    if accepted:
        await verify_session(Secret(token), KEYS)
    else:
        with pytest.raises(AuthenticationRequired):
            await verify_session(Secret(token), KEYS)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (lambda: sign({"sub": "7", "exp": int(time.time()) - 3600}, SECRET, "HS256"), "expired"),
        (lambda: sign({"sub": "7"}, SECRET, "HS256"), "no `exp`"),
        (lambda: sign(claims(nbf=int(time.time()) + 3600), SECRET, "HS256"), "not valid yet"),
        (lambda: sign(claims(), "x" * 32, "HS256"), "signature"),
        (lambda: sign(claims(), SECRET * 2, "HS512"), "HS256"),
        (lambda: unsigned({"alg": "none"}, claims()), "HS256"),
        (lambda: unsigned({"alg": "HS256"}, claims()), "signature"),
        (lambda: unsigned({"typ": "JWT"}, claims()), "HS256"),
        (lambda: unsigned({"alg": "HS256", "crit": ["b64"], "b64": False}, claims()), "crit"),
        (lambda: unsigned({"alg": "HS256", "b64": False}, claims()), "b64"),
        (lambda: sign(claims(exp="soon"), SECRET, "HS256"), "not a valid JWT"),
        (lambda: "not.a.jwt", "neither an API token nor a JWT"),
        (lambda: "opaque", "neither an API token nor a JWT"),
        (lambda: "é", "neither an API token nor a JWT"),
        (lambda: "a" * 20_000, "longer"),
    ],
)
async def test_a_bad_session_says_why(token, reason):
    with pytest.raises(AuthenticationRequired, match=reason) as caught:
        await verify_session(Secret(token()), KEYS)
    assert 'error="invalid_token"' in caught.value.headers["www-authenticate"]
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("length", [1, 31])
def test_a_short_secret_is_refused_at_the_start(length):
    with pytest.raises(DocumentInvalid, match=f"SEALGATE_SESSION_SECRET has {length} bytes") as caught:
        shared_secret(Settings(session_secret="s" * length))
    assert caught.value.fields[0].path == "SEALGATE_SESSION_SECRET"
    assert shared_secret(Settings()) is None


async def test_a_session_is_not_believed_beyond_its_end():
    sessions = Sessions(KEYS)
    end = int(time.time()) + 2
    token = Secret(sign(claims(exp=end - LEEWAY), SECRET, "HS256"))
    first = await sessions.verify(token)
    assert await sessions.verify(token) is first
    await asyncio.sleep(end - time.time())
    with pytest.raises(AuthenticationRequired, match="expired"):
        await sessions.verify(token)


async def test_one_good_session_speaks_for_no_other():
    sessions = Sessions(KEYS)
    good = sign(claims(), SECRET, "HS256")
    await sessions.verify(Secret(good))
    header, payload, signature = good.split(".")
    for other in (f"{header}.{payload}.", f"{header}.{payload}.{signature[:-4]}AAAA", good + "x"):
        with pytest.raises(AuthenticationRequired):
            await sessions.verify(Secret(other))


@pytest.mark.parametrize(
    ("expected", "more", "reason"),
    [
        (Expected(), {"iss": "x", "aud": "y"}, None),
        (Expected(issuer="https://me.example"), {"iss": "https://me.example"}, None),
        (Expected(issuer="https://me.example"), {"iss": "https://other.example"}, "another issuer"),
        (Expected(issuer="https://me.example"), {}, "no `iss`"),
        (Expected(audience="sealgate"), {"aud": ["a", "sealgate"]}, None),
        (Expected(audience="sealgate"), {"aud": "another"}, "another audience"),
        (Expected(audience="sealgate"), {}, "no `aud`"),
    ],
)
async def test_sessions_of_shared_keys_say_for_whom_they_are(expected, more, reason):
    token = Secret(sign(claims(**more), SECRET, "HS256"))
    if reason is None:
        assert (await Sessions(KEYS, expected).verify(token)).claims["sub"] == "7"
    else:
        with pytest.raises(AuthenticationRequired, match=reason):
            await Sessions(KEYS, expected).verify(token)
