"""Key pairs for tests and the demo, made once for each process and name."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from joserfc.jwk import ECKey, OKPKey, RSAKey

ALGORITHMS = (
    *("HS256", "HS384", "HS512"),
    *("RS256", "RS384", "RS512"),
    *("ES256", "ES384", "ES512"),
    *("PS256", "PS384", "PS512"),
    "EdDSA",
)
"""The thirteen signature algorithms of REFERENCE section 3.4."""

_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


@dataclass(frozen=True)
class KeyPair:
    """One key in every form that people store it in."""

    key: RSAKey | ECKey | OKPKey = field(repr=False)

    @property
    def private_pem(self) -> str:
        """PKCS#8."""
        return self._pem(PrivateFormat.PKCS8)

    @property
    def traditional_pem(self) -> str:
        """PKCS#1 for RSA, SEC1 for EC; Ed25519 has no such form (ValueError)."""
        return self._pem(PrivateFormat.TraditionalOpenSSL)

    def encrypted_pem(self, passphrase: str) -> str:
        """PKCS#8, encrypted."""
        return self._pem(PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode()))

    @property
    def public_pem(self) -> str:
        return self.key.as_pem(private=False).decode()

    @property
    def private_jwk(self) -> dict[str, Any]:
        return dict(self.key.as_dict(private=True))

    @property
    def public_jwk(self) -> dict[str, Any]:
        return dict(self.key.as_dict(private=False))

    def _pem(self, form: PrivateFormat, encryption: KeySerializationEncryption | None = None) -> str:
        native = self.key.private_key
        assert isinstance(native, RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey)
        return native.private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()


def rsa_key(bits: int = 2048, name: str = "default") -> KeyPair:
    """An RSA key; another `name` gives another key. joserfc refuses fewer than 1024 bits."""
    return _generate(RSAKey, bits, name)


def ec_key(curve: str = "P-256", name: str = "default") -> KeyPair:
    """An EC key on `P-256`, `P-384` or `P-521`."""
    return _generate(ECKey, curve, name)


def ed25519_key(name: str = "default") -> KeyPair:
    """An Ed25519 key."""
    return _generate(OKPKey, "Ed25519", name)


def hmac_secret(algorithm: str, name: str = "default") -> str:
    """A printable secret exactly as long as the hash of `HS256`, `HS384` or `HS512`."""
    return _printable(int(algorithm[2:]) // 8, name)


def key_pair(algorithm: str, name: str = "default") -> KeyPair:
    """A key pair that fits an asymmetric algorithm of `ALGORITHMS`."""
    if algorithm == "EdDSA":
        return ed25519_key(name)
    return ec_key(_CURVES[algorithm], name) if algorithm in _CURVES else rsa_key(name=name)


def signing_keys(algorithm: str, name: str = "default") -> tuple[str, str]:
    """What signs and what verifies with any of `ALGORITHMS`: two PEM texts, or one HMAC secret twice."""
    if algorithm.startswith("HS"):
        return (hmac_secret(algorithm, name),) * 2
    pair = key_pair(algorithm, name)
    return pair.private_pem, pair.public_pem


@cache
def _generate(kind: type[RSAKey | ECKey | OKPKey], parameter: Any, name: str) -> KeyPair:
    return KeyPair(kind.generate_key(parameter))


@cache
def _printable(length: int, name: str) -> str:
    return secrets.token_hex(length // 2)
