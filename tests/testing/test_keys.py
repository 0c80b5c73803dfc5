"""Keys come in every form, and once for each name."""

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from joserfc.errors import JoseError

from sealgate.testing import jwts
from sealgate.testing.keys import (
    ALGORITHMS,
    ec_key,
    ed25519_key,
    hmac_secret,
    key_pair,
    rsa_key,
    signing_keys,
)

PAIRS = pytest.mark.parametrize(
    "make", [rsa_key, lambda: ec_key("P-256"), lambda: ec_key("P-384"), lambda: ec_key("P-521"), ed25519_key]
)


@PAIRS
def test_every_form_is_the_same_key(make):
    pair = make()
    public = load_pem_public_key(pair.public_pem.encode())
    assert load_pem_private_key(pair.private_pem.encode(), None).public_key() == public
    assert load_pem_private_key(pair.encrypted_pem("pass").encode(), b"pass").public_key() == public
    assert "d" in pair.private_jwk
    assert "d" not in pair.public_jwk
    assert pair.private_pem not in repr(pair)


@pytest.mark.parametrize(("make", "label"), [(rsa_key, "RSA PRIVATE KEY"), (ec_key, "EC PRIVATE KEY")])
def test_traditional_pem(make, label):
    assert make().traditional_pem.startswith(f"-----BEGIN {label}-----")


def test_a_name_is_one_key():
    assert key_pair("RS256") is key_pair("PS512") is rsa_key()
    assert rsa_key().public_pem != rsa_key(name="other").public_pem
    assert hmac_secret("HS256") == hmac_secret("HS256") != hmac_secret("HS256", "other")


@pytest.mark.parametrize(("algorithm", "size"), [("HS256", 32), ("HS384", 48), ("HS512", 64)])
def test_hmac_secrets_are_as_long_as_the_hash(algorithm, size):
    assert len(hmac_secret(algorithm)) == size


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_signs_is_verified_by_its_counterpart_only(algorithm):
    private, public = signing_keys(algorithm)
    token = jwts.sign({"sub": "ada", "n": [1, {"deep": True}]}, private, algorithm, {"kid": "1"})
    expected = ({"alg": algorithm, "kid": "1"}, {"sub": "ada", "n": [1, {"deep": True}]})
    assert jwts.read(token) == jwts.verify(token, public, algorithm) == expected
    with pytest.raises(JoseError):
        jwts.verify(token, signing_keys(algorithm, "other")[1], algorithm)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "bm8.bm8.c", "WzFd.WzFd.c", "a.b.c.d"])
def test_what_is_no_jwt_is_not_read(text):
    with pytest.raises(ValueError, match="not a compact JWT"):
        jwts.read(text)


def test_a_session_jwt_expires():
    header, claims = jwts.verify(jwts.session_jwt("s" * 32, sub="u1", email="a@b.c"), "s" * 32, "HS256")
    assert header == {"alg": "HS256"}
    assert {"sub": "u1", "email": "a@b.c"}.items() <= claims.items()
    assert "exp" in claims
