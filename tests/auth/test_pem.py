"""Every shape in which a PEM key is pasted into a secret."""

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sealgate.auth._jws import sign
from sealgate.auth._pem import read_private_key
from sealgate.errors import SigningFailed

ALGORITHM = {"rsa": "RS256", "p256": "ES256", "p384": "ES384", "p521": "ES512", "ed25519": "EdDSA"}
TRADITIONAL = PrivateFormat.TraditionalOpenSSL
"""PKCS#1 for RSA, SEC1 for EC."""


def same(first, second):
    return first.public_key() == second.public_key()


@pytest.mark.parametrize(
    ("name", "form", "label"),
    [
        ("rsa", PrivateFormat.PKCS8, "PRIVATE KEY"),
        ("rsa", TRADITIONAL, "RSA PRIVATE KEY"),
        ("p256", PrivateFormat.PKCS8, "PRIVATE KEY"),
        ("p256", TRADITIONAL, "EC PRIVATE KEY"),
        ("p384", TRADITIONAL, "EC PRIVATE KEY"),
        ("p521", TRADITIONAL, "EC PRIVATE KEY"),
        ("ed25519", PrivateFormat.PKCS8, "PRIVATE KEY"),
    ],
)
@pytest.mark.parametrize("passphrase", [None, "open sesame"])
@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(lambda pem: pem, id="as it is"),
        pytest.param(lambda pem: pem.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(lambda pem: pem.replace("\n", "\\n"), id="literal \\n"),
        pytest.param(lambda pem: pem.replace("\n", "\\r\\n"), id="literal \\r\\n"),
        pytest.param(lambda pem: pem.replace("\n", " "), id="collapsed to spaces"),
        pytest.param(lambda pem: pem.replace("\n", "\n\n"), id="doubled"),
        pytest.param(lambda pem: f'  "{pem.strip()}"\n', id="quoted"),
        pytest.param(lambda pem: "'" + pem.replace("\n", "\\n") + "'", id="quoted with literal \\n"),
        pytest.param(lambda pem: "\n".join("    " + line for line in pem.split("\n")), id="indented"),
        pytest.param(lambda pem: "Bag Attributes\n  name: x\n" + pem, id="with a preamble"),
    ],
)
def test_every_form_in_every_shape(keys, name, form, label, passphrase, shape):
    pem = keys.pem(name, form, passphrase)
    assert label in pem
    assert same(read_private_key(shape(pem), passphrase), keys.by_name[name])
    assert sign({}, shape(pem), ALGORITHM[name], passphrase=passphrase).count(".") == 2


def test_a_passphrase_for_a_key_that_is_not_encrypted_is_no_fault(keys):
    assert same(read_private_key(keys.pem("rsa"), "unused"), keys.by_name["rsa"])


def test_the_key_is_found_among_other_blocks(keys):
    certificate = self_signed(keys.by_name["rsa"])
    text = certificate + keys.public_pem("p256") + keys.pem("rsa") + certificate
    assert same(read_private_key(text, None), keys.by_name["rsa"])


def test_ec_parameters_may_stand_before_the_key(keys):
    parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    text = parameters + keys.pem("p256", TRADITIONAL)
    assert same(read_private_key(text, None), keys.by_name["p256"])


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, TRADITIONAL])
@pytest.mark.parametrize(
    ("passphrase", "words"), [(None, "is encrypted"), ("", "is encrypted"), ("wrong", "passphrase is wrong")]
)
def test_encrypted_keys_need_their_passphrase(keys, form, passphrase, words):
    with pytest.raises(SigningFailed, match=words) as caught:
        read_private_key(keys.pem("rsa", form, "open sesame"), passphrase)
    assert caught.value.field == "passphrase"


def test_what_is_no_private_key_is_named(keys):
    openssh = keys.by_name["ed25519"].private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    cases = {
        self_signed(keys.by_name["rsa"]): "certificate",
        keys.public_pem("rsa"): "public key",
        openssh.decode(): "ssh-keygen",
        keys.pem("rsa")[:500]: "no complete BEGIN",
        keys.pem("rsa").replace("MII", "AAA"): "damaged",
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----": "damaged",
        "-----BEGIN PRIVATE KEY-----é-----END PRIVATE KEY-----": "damaged",
    }
    for text, words in cases.items():
        with pytest.raises(SigningFailed, match=words) as caught:
            read_private_key(text, None)
        assert caught.value.field == "private_key"


def self_signed(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode()
