"""Public JWKs that may verify sessions (RFC 7517, RFC 7518 section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sealgate.web.sessions import parse_jwk

MINIMUM_RSA_BITS = 2048
RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A parsed key and the algorithms it may verify."""

    kid: str | None
    value: Any
    algorithms: frozenset[str]


def read_public_key(jwk: Any) -> PublicKey | None:
    """The key, or `None` when it cannot verify a session: it is symmetric, weak, damaged, of another
    use or of an unknown type. One such key in a set does not spoil the others (RFC 7517 section 5)."""
    if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig":
        return None
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    value = parse_jwk(jwk)
    algorithms = frozenset(name for name in _algorithms(value) if jwk.get("alg", name) == name)
    kid = jwk.get("kid")
    return PublicKey(kid if isinstance(kid, str) else None, value, algorithms) if algorithms else None


def _algorithms(key: Any) -> frozenset[str]:
    match key:
        case RSAPublicKey():
            return RSA if key.key_size >= MINIMUM_RSA_BITS else NONE
        case EllipticCurvePublicKey():
            return frozenset({CURVES[key.curve.name]}) if key.curve.name in CURVES else NONE
        case Ed25519PublicKey() | Ed448PublicKey():
            return frozenset({"EdDSA"})
    return NONE
