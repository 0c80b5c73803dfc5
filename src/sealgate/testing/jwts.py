"""Reading, verifying and signing JWTs with joserfc: a library other than the one that Sealgate signs with."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import Key, OctKey, import_key

AnyKey = Key | Mapping[str, Any] | str | bytes
"""A joserfc key, a JWK, a PEM or an HMAC secret."""


def read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Protected header and claims, nothing verified. Raises ValueError when it is no JWT."""
    try:
        header, payload, _ = token.split(".")
        return _part(header), _part(payload)
    except (ValueError, TypeError) as error:
        raise ValueError("not a compact JWT") from error


def verify(token: str, key: AnyKey, algorithm: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token whose signature is by `key` with exactly `algorithm`.

    Raises joserfc.errors.JoseError otherwise. Claims such as `exp` are not judged."""
    token_object = jwt.decode(token, as_key(key, algorithm), algorithms=[algorithm])
    return dict(token_object.header), dict(token_object.claims)


def sign(
    claims: Mapping[str, Any], key: AnyKey, algorithm: str, headers: Mapping[str, Any] | None = None
) -> str:
    """A compact JWS over exactly these claims."""
    protected = {"alg": algorithm, **(headers or {})}
    payload = json.dumps(dict(claims))
    return jws.serialize_compact(protected, payload, as_key(key, algorithm), algorithms=[algorithm])


def session_jwt(secret: str, *, lifetime: int = 3600, **claims: Any) -> str:
    """A session JWT as a host application signs it (HS256); `sub`, `email`, … are the keywords."""
    return sign({"exp": int(time.time()) + lifetime, **claims}, secret, "HS256")


def as_key(key: AnyKey, algorithm: str) -> Key:
    """The joserfc key for an algorithm; a plain text is an HMAC secret only for `HS…`."""
    if isinstance(key, Mapping):
        return import_key(dict(key))
    if isinstance(key, str | bytes):
        return OctKey.import_key(key) if algorithm.startswith("HS") else import_key(key, _key_type(algorithm))
    return key


def _key_type(algorithm: str) -> Any:
    return {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}[algorithm[:2]]


def _part(text: str) -> dict[str, Any]:
    decoded = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if not isinstance(decoded, dict):
        raise ValueError("not a JSON object")
    return decoded
