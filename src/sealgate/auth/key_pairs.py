"""Key pairs for the algorithms that sign with one, and the public half of a private key.

The public half is SPKI PEM (RFC 5280, RFC 7468) and JWK (RFC 7517); its `kid` is the thumbprint of
RFC 7638, so that the same key always has the same."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sealgate.auth._fields import ALGORITHMS
from sealgate.auth._jws import CURVES, read_signing_key
from sealgate.secret import Secret

KEY_PAIR_ALGORITHMS = tuple(name for name in ALGORITHMS if not name.startswith("HS"))
RSA_BITS = (2048, 3072, 4096)
_CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
_CURVE_ALGORITHMS = {curve: (algorithm, name) for algorithm, (curve, name) in CURVES.items()}
_THUMBPRINT_MEMBERS = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}
"""RFC 7638 section 3.2, RFC 8037 section 2; in lexicographic order."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half that everybody may have. `jwk` has `use`, `kid` and, when it is known, `alg`."""

    pem: str
    jwk: dict[str, str]


def generate_private_key(algorithm: str, bits: int = RSA_BITS[0]) -> Secret[str]:
    """A new key as PKCS#8 PEM; `bits` is for RSA. RSA takes up to a second or more: call it in a thread.

    `algorithm` is one of KEY_PAIR_ALGORITHMS."""
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey
    if algorithm == "EdDSA":
        key = Ed25519PrivateKey.generate()
    elif algorithm in _CURVES:
        key = ec.generate_private_key(_CURVES[algorithm])
    else:
        key = rsa.generate_private_key(65537, bits)
    return Secret(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def public_key_of(private_key: Secret[str], algorithm: str | None = None) -> PublicKey:
    """The public half of a private key, PEM or JWK, as it is stored for signing.

    `algorithm` is needed only where the key does not say it (RSA); without it that JWK has no `alg`.
    Raises SigningFailed when it is no private key, or none that may sign with the algorithm."""
    key: Any = read_signing_key(private_key, algorithm).public_key()
    members, natural = _members(key)
    if algorithm or natural:
        members["alg"] = algorithm or natural or ""
    required = {name: members[name] for name in _THUMBPRINT_MEMBERS[members["kty"]]}
    digest = hashlib.sha256(json.dumps(required, separators=(",", ":")).encode()).digest()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return PublicKey(pem, {**members, "use": "sig", "kid": _encoded(digest)})


def _members(key: Any) -> tuple[dict[str, str], str | None]:
    """The key's own members (RFC 7518 section 6, RFC 8037 section 2), and the one algorithm it is for."""
    if isinstance(key, RSAPublicKey):
        numbers = key.public_numbers()
        return {"kty": "RSA", "n": _integer(numbers.n), "e": _integer(numbers.e)}, None
    if isinstance(key, EllipticCurvePublicKey):
        algorithm, curve = _CURVE_ALGORITHMS[key.curve.name]
        size, point = (key.key_size + 7) // 8, key.public_numbers()
        x, y = (_encoded(number.to_bytes(size)) for number in (point.x, point.y))
        return {"kty": "EC", "crv": curve, "x": x, "y": y}, algorithm
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    curve = "Ed25519" if len(raw) == 32 else "Ed448"
    return {"kty": "OKP", "crv": curve, "x": _encoded(raw)}, "EdDSA"


def _integer(number: int) -> str:
    return _encoded(number.to_bytes((number.bit_length() + 7) // 8))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
