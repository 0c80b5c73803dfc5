"""Session JWTs of the host application (design sections 8 and 13). Beside `auth._jws` the only file that
knows PyJWT: that one signs, this one verifies.

A session is a compact JWS whose algorithm is pinned by the settings, never by the token: HS256 with
`SEALGATE_SESSION_SECRET`, or the asymmetric algorithm of a key at `SEALGATE_SESSION_JWKS_URL`.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import jwt
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidSignatureError,
    MissingRequiredClaimError,
    PyJWTError,
)
from jwt.types import Options
from jwt.utils import base64url_decode

from sealgate.caller import User
from sealgate.errors import AuthenticationRequired, DocumentInvalid
from sealgate.findings import Finding
from sealgate.secret import Secret
from sealgate.settings import Settings
from sealgate.web.problems import CHALLENGE

LEEWAY = 30
"""Seconds by which clocks may differ."""
MINIMUM_SECRET = 32
"""Bytes: RFC 7518 section 3.2, a key as long as the hash."""
BELIEVED_SECONDS = 60.0
"""A key that was withdrawn stops to count after this time at the latest."""
BELIEVED_SESSIONS = 4096
LONGEST = 16 * 1024
REFUSED_HEADERS = ("crit", "b64")
PUBLIC_READERS: Mapping[str, Any] = {"RSA": RSAAlgorithm, "EC": ECAlgorithm, "OKP": OKPAlgorithm}
CHECKS: Options = {
    "require": ["exp"],
    "verify_signature": True,
    "verify_exp": True,
    "verify_nbf": True,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a session must say of itself where keys are shared with other services (RFC 7519 sections
    4.1.1 and 4.1.3); `None` is not looked at."""

    issuer: str | None = None
    audience: str | None = None

    def options(self) -> Options:
        return {**CHECKS, "verify_iss": self.issuer is not None, "verify_aud": self.audience is not None}


class SessionKeys(Protocol):
    """Where the keys come from."""

    async def find(self, header: Mapping[str, Any]) -> tuple[Any, str]:
        """The key, fit for PyJWT, and the one algorithm that it may be used with. Raises
        AuthenticationRequired when no key fits the header, Overloaded when keys cannot be had."""
        ...


class SharedSecret:
    """One HS256 secret that the host application signs with."""

    def __init__(self, secret: Secret[str]) -> None:
        """Raises DocumentInvalid when it is too short to be safe."""
        length = len(secret.reveal().encode())
        if length < MINIMUM_SECRET:
            message = (
                f"has {length} bytes; HS256 needs {MINIMUM_SECRET} or more, else it can be guessed. "
                'Make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
            raise DocumentInvalid(
                f"SEALGATE_SESSION_SECRET {message}", fields=[Finding("SEALGATE_SESSION_SECRET", message)]
            )
        self._secret = secret

    async def find(self, header: Mapping[str, Any]) -> tuple[Any, str]:
        if header.get("alg") != "HS256":
            raise refused("the session is not signed with HS256, the one algorithm of this server")
        return self._secret.reveal().encode(), "HS256"


def shared_secret(settings: Settings) -> SharedSecret | None:
    """The secret of these settings. Raises DocumentInvalid when it is too short."""
    secret = settings.session_secret
    return SharedSecret(Secret(secret.get_secret_value())) if secret else None


@dataclass(frozen=True, slots=True)
class Session:
    """A verified session and the person it is of."""

    claims: Mapping[str, Any] = field(repr=False)
    user: User


class Sessions:
    """Verifies sessions over some keys.

    A browser shows the same session many times a minute and a verification costs as much as the rest of
    a call, so that what was good is believed for a while."""

    def __init__(self, keys: SessionKeys, expected: Expected = Expected()) -> None:
        self._keys = keys
        self._expected = expected
        self._good: dict[bytes, tuple[float, Session]] = {}

    async def verify(self, token: Secret[str]) -> Session:
        """The session of a token whose signature and times are right. Raises AuthenticationRequired
        with the reason, and what the keys raise."""
        digest = hashlib.sha256(token.reveal().encode()).digest()
        now = time.time()
        believed = self._good.get(digest)
        if believed and now < believed[0]:
            return believed[1]
        claims = await verify_session(token, self._keys, self._expected)
        session = Session(claims, User.from_claims(claims))
        if len(self._good) >= BELIEVED_SESSIONS:
            self._good.clear()
        self._good[digest] = (min(now + BELIEVED_SECONDS, int(claims["exp"]) + LEEWAY), session)
        return session


async def verify_session(
    token: Secret[str],
    keys: SessionKeys,
    expected: Expected = Expected(),
) -> Mapping[str, Any]:
    """The claims of a session whose signature and times are right. Raises AuthenticationRequired with
    the reason, and what `keys` raises."""
    text = token.reveal()
    if len(text) > LONGEST:
        raise refused(f"the session is longer than {LONGEST} characters")
    header = _protected_header(text)
    for name in REFUSED_HEADERS:
        if name in header:
            raise refused(f"the session has the JWT header {name!r}, which is not accepted")
    key, algorithm = await keys.find(header)
    try:
        return jwt.decode(
            text,
            key,
            algorithms=[algorithm],
            options=expected.options(),
            leeway=LEEWAY,
            issuer=expected.issuer,
            audience=expected.audience,
        )
    except ExpiredSignatureError:
        raise refused("the session has expired; sign in again") from None
    except ImmatureSignatureError:
        raise refused("the session is not valid yet (`nbf`); the clocks may differ") from None
    except MissingRequiredClaimError as error:
        raise refused(f"the session has no `{error.claim}`; the host application must set it") from None
    except InvalidAudienceError:
        raise refused("the session is meant for another audience (`aud`)") from None
    except InvalidIssuerError:
        raise refused("the session is from another issuer (`iss`)") from None
    except InvalidSignatureError:
        raise refused("the signature of the session is wrong; it was signed with another key") from None
    except PyJWTError:
        raise refused("the session is not a valid JWT") from None


def _protected_header(text: str) -> Mapping[str, Any]:
    """Of a compact JWS (RFC 7515 section 7.1), not verified yet."""
    first, *others = text.split(".")
    try:
        header = json.loads(base64url_decode(first))
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or len(others) != 2:
        raise refused("the Bearer token is neither an API token nor a JWT")
    return header


def refused(detail: str) -> AuthenticationRequired:
    """A credential was shown and is not good (RFC 6750 section 3.1)."""
    headers = {"www-authenticate": f'{CHALLENGE}, error="invalid_token"'}
    return AuthenticationRequired(detail, headers=headers)


def parse_jwk(jwk: Mapping[str, Any]) -> Any:
    """The key of a JWK as cryptography holds it; `None` when it is symmetric or cannot be read."""
    kind = jwk.get("kty")
    reader = PUBLIC_READERS.get(kind) if isinstance(kind, str) else None
    try:
        return reader.from_jwk(dict(jwk)) if reader else None
    except (PyJWTError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
