"""Signatures, verified with a library other than the one that signs; and every refusal."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk, jws
from joserfc.errors import BadSignatureError

from sealgate.auth._fields import ALGORITHMS
from sealgate.auth._jws import KeyCache, sign
from sealgate.errors import SigningFailed
from sealgate.secret import Secret

SECRET = "0123456789abcdef" * 4


def verified(token, public, algorithm):
    """The protected header and the payload of a token whose signature is right."""
    kind = {"HS": "oct", "ES": "EC", "Ed": "OKP"}.get(algorithm[:2], "RSA")
    object_ = jws.deserialize_compact(token, jwk.import_key(public, kind), algorithms=[algorithm])
    return object_.headers(), json.loads(object_.payload)


def refusal(*arguments, **options):
    with pytest.raises(SigningFailed) as caught:
        sign(*arguments, config_path="authentication.config", **options)
    return caught.value


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_verifies_elsewhere(keys, algorithm):
    token = sign({"sub": "ada"}, Secret(keys.signing(algorithm)), algorithm, {"kid": "key-1"})
    headers, payload = verified(token, keys.verifying(algorithm), algorithm)
    assert headers == {"alg": algorithm, "kid": "key-1", "typ": "JWT"}
    assert payload == {"sub": "ada"}
    head, body, signature = token.split(".")
    changed = "A" if signature[0] != "A" else "B"
    with pytest.raises(BadSignatureError):
        verified(f"{head}.{body}.{changed}{signature[1:]}", keys.verifying(algorithm), algorithm)


def test_thirteen_algorithms():
    assert len(ALGORITHMS) == 13


def test_ed448_signs_as_eddsa(keys):
    token = sign({"sub": "ada"}, keys.pem("ed448"), "EdDSA")
    assert verified(token, keys.public_pem("ed448"), "EdDSA")[1] == {"sub": "ada"}


def test_the_expected_token_byte_for_byte():
    """REFERENCE 4.6."""
    token = sign(
        {"sub": "ada@example.com", "exp": 1700003600}, "s3cret-key", "HS256", short_hmac_allowed=True
    )
    assert token == (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
        ".eyJzdWIiOiJhZGFAZXhhbXBsZS5jb20iLCJleHAiOjE3MDAwMDM2MDB9"
        ".WEq6erynOg11uEuiSy9toH8sEr6fzwNn2fjhCeSc7AE"
    )


def test_the_key_as_bytes_of_rfc_7515_a1():
    """The published HMAC key of RFC 7515 appendix A.1, as an octet JWK."""
    octets = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
    key = json.dumps({"kty": "oct", "k": octets})
    token = sign({"iss": "joe", "exp": 1300819380}, key, "HS256")
    assert verified(token, json.loads(key), "HS256")[1] == {"iss": "joe", "exp": 1300819380}


def test_claims_keep_their_order_and_their_kinds():
    claims = {
        "z": Secret("s"),
        "a": [1, {"n": None, "s": Secret("inner")}],
        "m": {"b": True, "f": 1.5},
        "ü": "é",
    }
    payload = sign(claims, SECRET, "HS256").split(".")[1]
    text = base64.urlsafe_b64decode(payload + "==").decode()
    assert json.loads(text) == {
        "z": "s",
        "a": [1, {"n": None, "s": "inner"}],
        "m": {"b": True, "f": 1.5},
        "ü": "é",
    }
    assert list(json.loads(text)) == ["z", "a", "m", "ü"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"typ": "at+jwt"}, {"alg": "HS256", "typ": "at+jwt"}),
        ({"kid": Secret("k"), "cty": "x"}, {"alg": "HS256", "cty": "x", "kid": "k", "typ": "JWT"}),
        ({}, {"alg": "HS256", "typ": "JWT"}),
        (None, {"alg": "HS256", "typ": "JWT"}),
    ],
)
def test_headers(headers, expected):
    assert verified(sign({}, SECRET, "HS256", headers), SECRET, "HS256")[0] == expected


@pytest.mark.parametrize("name", ["alg", "b64", "crit"])
def test_headers_that_change_how_a_token_is_read_are_refused(name):
    error = refusal({}, SECRET, "HS256", {name: "HS256"})
    assert error.field == "authentication.config.jwt_headers"
    assert name in error.detail


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "ES256K", "HS1", "rs256", "A128KW"])
def test_unknown_algorithms_are_refused(algorithm):
    error = refusal({}, SECRET, algorithm)
    assert error.field == "authentication.config.algorithm"
    assert all(name in error.detail for name in ALGORITHMS)


@pytest.mark.parametrize("claims", [{"a": float("nan")}, {"a": float("inf")}, {"a": {1, 2}}, {"a": b"x"}])
def test_claims_that_are_not_json_are_refused(claims):
    assert refusal(claims, SECRET, "HS256").field == "authentication.config.claims"


@pytest.mark.parametrize(("algorithm", "length"), [("HS256", 32), ("HS384", 48), ("HS512", 64)])
def test_a_secret_as_long_as_the_hash_is_enough(algorithm, length):
    verified(sign({}, "k" * length, algorithm), "k" * length, algorithm)
    error = refusal({}, "k" * (length - 1), algorithm)
    assert f"has {length - 1} bytes; {algorithm} needs {length}" in error.detail
    verified(sign({}, "k", algorithm, short_hmac_allowed=True), "k", algorithm)


def test_the_secret_is_taken_as_it_is():
    secret = f'  "{SECRET}"\n'
    verified(sign({}, secret, "HS256"), secret, "HS256")


@pytest.mark.parametrize(
    ("name", "algorithm", "words"),
    [
        ("rsa", "HS256", "HS256 needs a shared secret, this is an RSA private key"),
        ("ed25519", "HS512", "HS512 needs a shared secret, this is an Ed25519 private key"),
        ("p256", "RS256", "RS256 needs an RSA private key, this is an EC private key on P-256"),
        ("ed448", "PS256", "PS256 needs an RSA private key, this is an Ed448 private key"),
        ("rsa", "ES256", "ES256 needs an EC private key on P-256, this is an RSA private key"),
        ("p384", "ES256", "on P-256, this is an EC private key on P-384"),
        ("p256", "ES384", "on P-384, this is an EC private key on P-256"),
        ("p256", "ES512", "on P-521, this is an EC private key on P-256"),
        ("secp256k1", "ES256", "on P-256, this is an EC private key on secp256k1"),
        ("rsa", "EdDSA", "EdDSA needs an Ed25519 or Ed448 private key, this is an RSA private key"),
        ("rsa1024", "RS256", "1024 bits; 2048"),
        ("rsa1024", "PS512", "1024 bits; 2048"),
    ],
)
def test_keys_that_do_not_fit_are_refused(keys, name, algorithm, words):
    error = refusal({}, keys.pem(name), algorithm)
    assert words in error.detail
    assert error.field == "authentication.config.private_key"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_public_keys_are_refused(keys, algorithm):
    for name in ("rsa", "p256", "ed25519"):
        assert "public key" in refusal({}, keys.public_pem(name), algorithm).detail


@pytest.mark.parametrize(
    ("text", "algorithm", "words"),
    [
        ("just a text", "RS256", "neither a PEM nor a JWK"),
        ("", "RS256", "neither a PEM nor a JWK"),
        ("", "HS256", "empty"),
        ("ssh-ed25519 AAAAC3Nza comment", "EdDSA", "public key"),
        ("ssh-rsa AAAAB3Nza comment", "HS256", "public key"),
        ('{"keys":[{"kty":"oct","k":"AA"}]}', "HS256", "JWK set"),
        ('{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}', "ES256", "public JWK"),
        ('{"kty":"RSA","n":"AA","e":"AQAB","d":"AA"}', "RS256", "cannot be read"),
        ('{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}', "ES256", "cannot be read"),
        ('{"kty":"OKP","crv":"X25519","x":"AA","d":"AA"}', "EdDSA", "cannot be read"),
        ('{"kty":"oct"}', "HS256", "cannot be read"),
        ('{"kty":"oct","k":7}', "HS256", "cannot be read"),
        ('{"kty":"LMS"}', "RS256", "unknown `kty`"),
        ('{"kty":["RSA"]}', "RS256", "unknown `kty`"),
    ],
)
def test_material_that_cannot_sign_is_refused(text, algorithm, words):
    error = refusal({}, text, algorithm)
    assert words in error.detail
    assert error.field == "authentication.config.private_key"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "ES384", "ES512", "EdDSA", "HS256"])
def test_private_jwk(keys, algorithm):
    kind = {"HS": "oct", "ES": "EC", "Ed": "OKP"}.get(algorithm[:2], "RSA")
    members = jwk.import_key(keys.signing(algorithm), kind).as_dict(private=True)
    token = sign({"sub": "ada"}, f"\n {json.dumps(members, indent=1)} ", algorithm)
    assert verified(token, keys.verifying(algorithm), algorithm)[1] == {"sub": "ada"}


def test_the_kind_of_a_jwk_is_checked_as_well(keys):
    members = jwk.import_key(keys.pem("rsa"), "RSA").as_dict(private=True)
    assert "HS256 needs a shared secret" in refusal({}, json.dumps(members), "HS256").detail


def test_without_a_config_the_error_has_no_field():
    with pytest.raises(SigningFailed) as caught:
        sign({}, "short", "HS256")
    assert caught.value.field is None


def test_a_key_is_parsed_once_and_the_cache_is_bounded(keys):
    cache = KeyCache(size=2)
    pem = keys.pem("rsa")
    first = cache.get(pem, "RS256", None)
    assert cache.get(pem, "RS256", None) is first
    cache.get("a" * 32, "HS256", None)
    cache.get("b" * 32, "HS256", None)
    assert cache.get(pem, "RS256", None) is not first


def test_the_cache_does_not_open_an_encrypted_key_without_its_passphrase(keys):
    pem = keys.pem("rsa", passphrase="open sesame")
    sign({}, pem, "RS256", passphrase="open sesame")
    assert refusal({}, pem, "RS256").field == "authentication.config.passphrase"
    assert "passphrase is wrong" in refusal({}, pem, "RS256", passphrase="open").detail


@given(st.text(max_size=200), st.sampled_from(ALGORITHMS))
def test_any_text_signs_or_is_refused_in_words(text, algorithm):
    try:
        token = sign({}, text, algorithm, passphrase=text)
    except SigningFailed as failure:
        assert failure.detail
        assert failure.__cause__ is None
    else:
        assert algorithm.startswith("HS")
        assert token.count(".") == 2


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_refusals_never_show_the_key(keys, form):
    pem = keys.pem("rsa", form)
    damaged = pem.replace(pem[200:210], "!!!!!!!!!!")
    for text, algorithm in ((pem, "HS256"), (pem, "ES256"), (damaged, "RS256")):
        error = refusal({"c": "claim"}, text, algorithm)
        assert error.__cause__ is None
        assert error.__suppress_context__ or error.__context__ is None
        assert not any(line in error.detail for line in pem.splitlines())
