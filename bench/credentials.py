"""The credentials of one run: what the gateways hold and what the upstream has to receive."""

from __future__ import annotations

import datetime
import ipaddress
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from bench.scenarios import USER

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _ec() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _text() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Credentials:
    api_key: str = field(default_factory=_text)
    client_id: str = "bench-client"
    client_secret: str = field(default_factory=_text)
    access_token: str = field(default_factory=_text)
    rsa_key: rsa.RSAPrivateKey = field(default_factory=_rsa)
    ec_key: ec.EllipticCurvePrivateKey = field(default_factory=_ec)
    hmac_secret: str = field(default_factory=_text)
    session_secret: str = field(default_factory=_text)

    def signing_pem(self, name: str) -> str:
        """What signs `rs256`, `es256` or `hs256`: PKCS#8 PEM, or the HMAC secret."""
        key = self._pairs().get(name)
        return private_pem(key) if key else self.hmac_secret

    def verifying_key(self, name: str) -> str:
        key = self._pairs().get(name)
        if key is None:
            return self.hmac_secret
        return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def _pairs(self) -> dict[str, PrivateKey]:
        return {"rs256": self.rsa_key, "es256": self.ec_key}

    def session(self) -> str:
        """A caller's session JWT, valid for longer than a benchmark runs."""
        return jwt.encode({**USER, "exp": int(time.time()) + 86400}, self.session_secret, "HS256")


def private_pem(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def write_certificate(directory: Path) -> Path:
    """`upstream.pem` and `upstream.key` for 127.0.0.1 and localhost; returns the authority's file."""
    authority_key, key = _ec(), _ec()
    now = datetime.datetime.now(datetime.UTC)
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench authority")])

    def builder(name: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(authority_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30))
        )

    authority = (
        builder(authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    names: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    certificate = (
        builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), key.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    (directory / "upstream.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (directory / "upstream.key").write_text(private_pem(key))
    authority_file = directory / "authority.pem"
    authority_file.write_bytes(authority.public_bytes(Encoding.PEM))
    return authority_file
