"""Sign compact JWS (RFC 7515) with the 13 algorithms of REFERENCE 3.4. The only file that knows PyJWT.

PyJWT signs; what it would let pass is refused here: weak and mismatched keys, public keys, `none`,
and header members that change how the token is read.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, OKPAlgorithm, RSAAlgorithm, get_default_algorithms
from jwt.exceptions import PyJWTError

from sealgate.auth._fields import algorithm_problem, header_problem
from sealgate.auth._pem import looks_like_pem, read_private_key
from sealgate.errors import SigningFailed
from sealgate.secret import Secret, reveal

MINIMUM_RSA_BITS = 2048
CURVES = {"ES256": ("secp256r1", "P-256"), "ES384": ("secp384r1", "P-384"), "ES512": ("secp521r1", "P-521")}
JWK_READERS: Mapping[str, Any] = {
    "RSA": RSAAlgorithm,
    "EC": ECAlgorithm,
    "OKP": OKPAlgorithm,
    "oct": HMACAlgorithm,
}
SIGNERS = get_default_algorithms()
_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
RSA_SCHEMES: Mapping[str, tuple[padding.AsymmetricPadding, hashes.HashAlgorithm]] = {
    **{f"RS{bits}": (padding.PKCS1v15(), hash_) for bits, hash_ in _HASHES.items()},
    **{
        f"PS{bits}": (padding.PSS(padding.MGF1(hash_), hash_.digest_size), hash_)
        for bits, hash_ in _HASHES.items()
    },
}
"""Padding and hash of RFC 7518 sections 3.3 and 3.5, made once for all signatures."""

Key = Any
"""A parsed key: one of cryptography's private keys, or the bytes of a shared secret."""


def sign(
    payload: Mapping[str, Any],
    key: str | Secret[str],
    algorithm: str,
    headers: Mapping[str, Any] | None = None,
    *,
    passphrase: str | Secret[str] | None = None,
    short_hmac_allowed: bool = False,
    config_path: str | None = None,
) -> str:
    """The compact serialisation of `payload`, its members in the given order.

    `key` is a PEM private key, a private JWK, or the text of a shared secret. Secrets anywhere in the
    payload and the headers are revealed. `config_path` is where the errors' fields are found.

    Raises SigningFailed: what cannot sign, why, and what to do.
    """
    try:
        return _sign(payload, key, algorithm, headers or {}, passphrase, short_hmac_allowed)
    except SigningFailed as failure:
        failure.field = f"{config_path}.{failure.field}" if config_path else None
        raise


def _sign(
    payload: Mapping[str, Any],
    key: str | Secret[str],
    algorithm: str,
    headers: Mapping[str, Any],
    passphrase: str | Secret[str] | None,
    short_hmac_allowed: bool,
) -> str:
    problem = algorithm_problem(algorithm)
    if problem:
        raise SigningFailed(problem, field="algorithm")
    problem = header_problem(headers)
    if problem:
        raise SigningFailed(f"the JWT headers {problem}", field="jwt_headers")
    parsed = KEYS.get(reveal(key), algorithm, reveal(passphrase) if passphrase else None)
    if not short_hmac_allowed and isinstance(parsed, bytes):
        _require_hmac_length(parsed, algorithm)
    head = _plain_head(algorithm, *headers.items()) if _plain(headers) else _head(algorithm, headers)
    signing_input = b"%b.%b" % (head, _base64url(_json(payload, "claims", "claims")))
    scheme = RSA_SCHEMES.get(algorithm)
    signature = (
        parsed.sign(signing_input, *scheme) if scheme else SIGNERS[algorithm].sign(signing_input, parsed)
    )
    return (b"%b.%b" % (signing_input, _base64url(signature))).decode()


def _head(algorithm: str, headers: Mapping[str, Any]) -> bytes:
    """The protected header, its members in order of their names."""
    protected = {"typ": "JWT", **headers, "alg": algorithm}
    return _base64url(_json(dict(sorted(protected.items())), "JWT headers", "jwt_headers"))


def _plain(headers: Mapping[str, Any]) -> bool:
    """Whether there are texts alone in it: no secret, and nothing that is equal but written differently."""
    return all(type(value) is str for value in headers.values())


@lru_cache(1024)
def _plain_head(algorithm: str, *headers: tuple[str, str]) -> bytes:
    return _head(algorithm, dict(headers))


def _base64url(data: bytes) -> bytes:
    """RFC 7515 section 2: without padding."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_URL_SAFE)


def _json(members: Mapping[str, Any], what: str, field: str) -> bytes:
    try:
        text = _ENCODER.encode(members)
    except (TypeError, ValueError, RecursionError):
        raise SigningFailed(
            f"the {what} cannot be written as JSON; use strings, finite numbers, true, false, null, "
            "lists and objects",
            field=field,
        ) from None
    return text.encode()


def _reveal_inside(value: Any) -> str:
    if isinstance(value, Secret) and isinstance(value.reveal(), str):
        return str(value.reveal())
    raise TypeError


_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=_reveal_inside)
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class KeyCache:
    """Parsed keys. Parsing an RSA key costs a hundred signatures, so each is parsed once; entries are
    found by a digest, so that the text is not held here."""

    def __init__(self, size: int = 1024) -> None:
        self._size = size
        self._keys: OrderedDict[bytes, Key] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str, algorithm: str, passphrase: str | None) -> Key:
        """The key, fit for the algorithm. Raises SigningFailed; a refusal is not kept."""
        locked = "" if passphrase is None else f"{len(passphrase)} {passphrase}"
        digest = hashlib.sha256(f"{algorithm} {locked} {text}".encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            if digest in self._keys:
                self._keys.move_to_end(digest)
                return self._keys[digest]
        key = _parse(text, algorithm, passphrase)
        _require_fit(key, algorithm)
        with self._lock:
            self._keys[digest] = key
            if len(self._keys) > self._size:
                self._keys.popitem(last=False)
        return key


KEYS = KeyCache()


def read_signing_key(text: Secret[str], algorithm: str | None) -> Key:
    """The private key of a text that `sign` takes, one that has a public half; fit for the algorithm, or
    for one that its kind can have. Raises SigningFailed."""
    key = _parse(reveal(text), algorithm or "", None)
    if isinstance(key, bytes):
        raise _refused("this is a shared secret, which has no public half")
    _require_fit(key, algorithm or _any_algorithm(key))
    return key


def _any_algorithm(key: Key) -> str:
    if isinstance(key, EllipticCurvePrivateKey):
        curves = {curve: algorithm for algorithm, (curve, _) in CURVES.items()}
        return curves.get(key.curve.name, "ES256")
    return "RS256" if isinstance(key, RSAPrivateKey) else "EdDSA"


def _parse(text: str, algorithm: str, passphrase: str | None) -> Key:
    stripped = text.strip().strip("\"'").strip()
    if looks_like_pem(stripped):
        return read_private_key(stripped, passphrase)
    jwk = _jwk_members(text)
    if jwk is not None:
        return _read_jwk(jwk)
    if stripped.startswith(("ssh-", "ecdsa-sha2-")):
        raise _refused("this is a public key, which cannot sign; store the private key that belongs to it")
    if algorithm.startswith("HS"):
        return text.encode("utf-8", "surrogatepass")
    needed = f"{algorithm} needs {_needed(algorithm)}, and this" if algorithm else "this"
    raise _refused(f"{needed} is neither a PEM nor a JWK; store the whole key, from -----BEGIN to -----END")


def _jwk_members(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return members if isinstance(members, dict) and members.keys() & {"kty", "keys"} else None


def _read_jwk(members: dict[str, Any]) -> Key:
    """RFC 7517. A public JWK and a key set are refused."""
    if "keys" in members:
        raise _refused("this is a JWK set; store the one private JWK that signs")
    kind = members["kty"]
    reader = JWK_READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise _refused("this JWK has an unknown `kty`; RSA, EC, OKP and oct can sign")
    if kind != "oct" and "d" not in members:
        raise _refused("this is a public JWK (it has no `d`), which cannot sign; store the private one")
    try:
        return reader.from_jwk(members)
    except (PyJWTError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise _refused("this JWK cannot be read: a member is missing or damaged; store it again") from None


def _require_fit(key: Key, algorithm: str) -> None:
    """RFC 7518 section 3: the key's type, size and curve."""
    kind, wanted = _kind(key), _needed(algorithm)
    match algorithm[:2]:
        case "HS":
            fits = isinstance(key, bytes)
        case "RS" | "PS":
            fits = isinstance(key, RSAPrivateKey)
        case "ES":
            fits = isinstance(key, EllipticCurvePrivateKey) and key.curve.name == CURVES[algorithm][0]
        case _:
            fits = isinstance(key, (Ed25519PrivateKey, Ed448PrivateKey))
    if not fits:
        raise _refused(f"{algorithm} needs {wanted}, this is {kind}; change `algorithm` or the key")
    if isinstance(key, RSAPrivateKey) and key.key_size < MINIMUM_RSA_BITS:
        raise _refused(
            f"this RSA key has {key.key_size} bits; {MINIMUM_RSA_BITS} or more are needed: create a new key"
        )
    if key == b"":
        raise _refused("the shared secret is empty; store one")


def _require_hmac_length(secret: bytes, algorithm: str) -> None:
    """RFC 7518 section 3.2: a key as long as the hash."""
    needed = int(algorithm[2:]) // 8
    if len(secret) < needed:
        raise _refused(
            f"the shared secret has {len(secret)} bytes; {algorithm} needs {needed} or more: create a longer "
            "one"
        )


def _needed(algorithm: str) -> str:
    match algorithm[:2]:
        case "HS":
            return "a shared secret"
        case "RS" | "PS":
            return "an RSA private key"
        case "ES":
            return f"an EC private key on {CURVES[algorithm][1]}"
    return "an Ed25519 or Ed448 private key"


def _kind(key: Key) -> str:
    match key:
        case bytes():
            return "a shared secret"
        case RSAPrivateKey():
            return "an RSA private key"
        case EllipticCurvePrivateKey():
            names = dict(CURVES.values())
            return f"an EC private key on {names.get(key.curve.name, key.curve.name)}"
        case Ed25519PrivateKey():
            return "an Ed25519 private key"
        case Ed448PrivateKey():
            return "an Ed448 private key"
    return "a key of another kind"


def _refused(detail: str) -> SigningFailed:
    return SigningFailed(detail, field="private_key")
