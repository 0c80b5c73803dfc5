"""Against an independent library: joserfc reads what is made, and says the same of it."""

import json

import pytest
from joserfc.jwk import import_key

from sealgate.auth.key_pairs import KEY_PAIR_ALGORITHMS, generate_private_key, public_key_of
from sealgate.errors import SigningFailed
from sealgate.secret import Secret
from sealgate.testing import keys


def independent(algorithm, text):
    kind = {"R": "RSA", "P": "RSA", "E": "OKP" if algorithm == "EdDSA" else "EC"}[algorithm[0]]
    return import_key(text, kind)


@pytest.mark.parametrize("algorithm", KEY_PAIR_ALGORITHMS)
def test_a_generated_key(algorithm):
    private = generate_private_key(algorithm)
    assert private.reveal().startswith("-----BEGIN PRIVATE KEY-----\n")
    found = public_key_of(private, algorithm)
    theirs = independent(algorithm, private.reveal())
    expected = {name: value for name, value in theirs.as_dict(private=False).items() if name != "kid"}
    assert found.jwk == {**expected, "alg": algorithm, "use": "sig", "kid": theirs.thumbprint()}
    assert found.pem == theirs.as_pem(private=False).decode()
    assert private.reveal() not in repr((private, found))


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_sizes_of_rsa_keys(bits):
    private = generate_private_key("RS256", bits)
    assert independent("RS256", private.reveal()).private_key.key_size == bits


@pytest.mark.parametrize(
    ("make", "algorithm"),
    [
        (lambda: keys.rsa_key().private_pem, None),
        (lambda: keys.rsa_key().traditional_pem.replace("\n", "\\n"), None),
        (lambda: json.dumps(keys.rsa_key().private_jwk), None),
        (lambda: keys.ec_key("P-521").traditional_pem, "ES512"),
        (lambda: keys.ed25519_key().private_pem, "EdDSA"),
    ],
)
def test_a_stored_key_in_any_shape(make, algorithm):
    """The algorithm is in the JWK where the key says it."""
    found = public_key_of(Secret(make()))
    assert found.jwk.get("alg") == algorithm
    assert found.jwk["use"] == "sig" and "d" not in found.jwk


def test_the_algorithm_of_an_rsa_key_can_be_said():
    private = Secret(keys.rsa_key().private_pem)
    said, unsaid = public_key_of(private, "PS384").jwk, public_key_of(private).jwk
    assert said == {**unsaid, "alg": "PS384"}


CANARY = "canary-of-key-pairs-that-is-no-key"


@pytest.mark.parametrize(
    ("make", "algorithm", "reason"),
    [
        (lambda: CANARY, None, "neither a PEM nor a JWK"),
        (lambda: CANARY, "RS256", "RS256 needs an RSA private key"),
        (lambda: json.dumps({"kty": "oct", "k": "Y2FuYXJ5LWNhbmFyeS1jYW5hcnk"}), None, "shared secret"),
        (lambda: keys.rsa_key().public_pem, None, "public key"),
        (lambda: keys.rsa_key(1024, "short").private_pem, None, "1024 bits"),
        (lambda: keys.ec_key("P-256").private_pem, "ES384", "ES384 needs"),
        (lambda: keys.ec_key("P-256").private_pem, "RS256", "RS256 needs"),
        (lambda: keys.rsa_key().encrypted_pem("pass"), None, "encrypted"),
    ],
)
def test_what_has_no_public_half(make, algorithm, reason):
    text = make()
    with pytest.raises(SigningFailed) as caught:
        public_key_of(Secret(text), algorithm)
    assert reason in caught.value.detail
    assert CANARY not in str(caught.value) and "MII" not in str(caught.value)
