import hmac
import json
import time
from base64 import urlsafe_b64encode

import pytest

from sealgate.egress import Allowance, Egress
from sealgate.errors import AuthenticationRequired, DocumentInvalid, Overloaded
from sealgate.secret import Secret
from sealgate.testing import keys
from sealgate.testing.jwts import sign
from sealgate.web.jwks import JwksKeys
from sealgate.web.public_keys import read_public_key
from sealgate.web.sessions import verify_session


def jwk(pair, kid, **more):
    return {**pair.public_jwk, "kid": kid, **more}


class Issuer:
    """The host application's keys, at a demo API that counts how often they are asked for."""

    def __init__(self, api, egress):
        self.api = api
        self.now = 1000.0
        self.keys = JwksKeys(f"{api.origin}/keys?set=1", egress, clock=lambda: self.now)

    def publish(self, *members, status=200, body=None):
        self.api.reply_with(status, [], body or json.dumps({"keys": list(members)}), path="/keys")

    @property
    def fetches(self):
        return [received.target for received in self.api.requests]

    async def verify(self, pair, algorithm, headers):
        token = sign({"sub": "7", "exp": int(time.time()) + 60}, pair.private_jwk, algorithm, headers)
        return await verify_session(Secret(token), self.keys)


@pytest.fixture
async def issuer(fake_api):
    egress = Egress(allow=Allowance.parse(["http://127.0.0.1:*"]))
    yield Issuer(fake_api, egress)
    await egress.close()


PAIRS = {
    **{name: keys.rsa_key() for name in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")},
    "ES256": keys.ec_key("P-256"),
    "ES384": keys.ec_key("P-384"),
    "ES512": keys.ec_key("P-521"),
    "EdDSA": keys.ed25519_key(),
}


@pytest.mark.parametrize("algorithm", PAIRS)
async def test_every_asymmetric_algorithm(issuer, algorithm):
    issuer.publish({"kty": "nonsense"}, "no object", jwk(PAIRS[algorithm], "k1"))
    for _ in range(3):
        assert (await issuer.verify(PAIRS[algorithm], algorithm, {"kid": "k1"}))["sub"] == "7"
    assert issuer.fetches == ["/keys?set=1"]


async def test_the_only_key_needs_no_id(issuer):
    issuer.publish(jwk(PAIRS["ES256"], "k1"))
    await issuer.verify(PAIRS["ES256"], "ES256", None)


@pytest.mark.parametrize(
    ("signer", "algorithm", "headers"),
    [
        (keys.ec_key(name="other"), "ES256", {"kid": "k1"}),
        (PAIRS["ES256"], "ES256", {"kid": "k2"}),
        (PAIRS["RS256"], "RS256", {"kid": "k1"}),
        (PAIRS["RS256"], "RS256", None),
    ],
)
async def test_a_session_of_another_key_is_refused(issuer, signer, algorithm, headers):
    issuer.publish(jwk(PAIRS["ES256"], "k1"))
    with pytest.raises(AuthenticationRequired):
        await issuer.verify(signer, algorithm, headers)


async def test_the_public_key_is_no_hmac_secret(issuer):
    """The old confusion: HS256 signed with the text of the public key."""
    issuer.publish(jwk(PAIRS["RS256"], "k1"))
    for secret in (PAIRS["RS256"].public_pem, json.dumps(jwk(PAIRS["RS256"], "k1"))):
        parts = ({"alg": "HS256", "kid": "k1"}, {"exp": int(time.time()) + 60})
        signed = b".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
        signature = urlsafe_b64encode(hmac.digest(secret.encode(), signed, "sha256")).rstrip(b"=")
        with pytest.raises(AuthenticationRequired):
            await verify_session(Secret((signed + b"." + signature).decode()), issuer.keys)


async def test_a_new_key_is_found_and_invented_ids_are_not_asked_for(issuer):
    issuer.publish(jwk(PAIRS["ES256"], "k1"))
    await issuer.verify(PAIRS["ES256"], "ES256", {"kid": "k1"})
    issuer.publish(jwk(PAIRS["ES256"], "k1"), jwk(PAIRS["EdDSA"], "k2"))
    issuer.now += 31
    await issuer.verify(PAIRS["EdDSA"], "EdDSA", {"kid": "k2"})
    for number in range(5):
        with pytest.raises(AuthenticationRequired):
            await issuer.verify(PAIRS["EdDSA"], "EdDSA", {"kid": f"invented-{number}"})
    assert len(issuer.fetches) == 2


async def test_known_keys_stay_while_the_issuer_is_down(issuer):
    issuer.publish(jwk(PAIRS["ES256"], "k1"))
    await issuer.verify(PAIRS["ES256"], "ES256", {"kid": "k1"})
    issuer.now += 601
    issuer.publish(status=500)
    await issuer.verify(PAIRS["ES256"], "ES256", {"kid": "k1"})
    issuer.now += 31
    issuer.publish(jwk(PAIRS["EdDSA"], "k2"))
    with pytest.raises(AuthenticationRequired):
        await issuer.verify(PAIRS["ES256"], "ES256", {"kid": "k1"})
    assert len(issuer.fetches) == 3


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, "x"), (302, "x"), (200, "<html>"), (200, "[]"), (200, '{"keys": 1}'), (200, '{"keys": []}')],
)
async def test_without_keys_the_answer_is_later_and_not_never(issuer, status, body):
    issuer.publish(status=status, body=body)
    for _ in range(3):
        with pytest.raises(Overloaded) as caught:
            await issuer.verify(PAIRS["ES256"], "ES256", {"kid": "k1"})
    assert caught.value.headers == {"retry-after": "30"}
    assert len(issuer.fetches) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/keys", "https://10.0.0.1/keys", "not a url", "https://u:p@example.com/"]
)
def test_an_address_that_can_never_be_fetched_is_refused_at_the_start(url):
    with pytest.raises(DocumentInvalid, match="SEALGATE_SESSION_JWKS_URL"):
        JwksKeys(url, Egress(allow=Allowance.parse([])))


@pytest.mark.parametrize(
    "member",
    [
        {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"},
        keys.rsa_key(1024).public_jwk,
        keys.ec_key().private_jwk,
        {**keys.ec_key().public_jwk, "use": "enc"},
        {**keys.ec_key().public_jwk, "key_ops": ["sign"]},
        {**keys.ec_key().public_jwk, "alg": "ES384"},
        {**keys.ec_key().public_jwk, "crv": "P-999"},
        {**keys.ec_key().public_jwk, "x": "!"},
        {**keys.ec_key().public_jwk, "alg": ["ES256"], "key_ops": 5},
        {"kty": ["RSA"]},
        None,
    ],
)
def test_a_key_that_cannot_verify_is_left_out(member):
    assert read_public_key(member) is None
