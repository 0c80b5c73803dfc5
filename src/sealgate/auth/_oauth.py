"""Token requests and replies (RFC 6749 sections 4.4, 5.1 and 5.2), read without trust."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from sealgate.auth.base import Credential, RenderedUrl, TokenReply
from sealgate.errors import TokenRequestFailed
from sealgate.message import Request
from sealgate.secret import Secret

DEFAULT_LIFETIME = 3600.0
"""Seconds that a token is used when its server does not say (design section 14)."""
MAXIMUM_RETRY_AFTER = 60.0
MAXIMUM_DESCRIPTION = 200
ERROR_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")

HINTS = {
    "invalid_client": "check the client id and its secret or key, and that the client exists on this server",
    "invalid_grant": "the server refused the assertion: check this machine's clock, that the subject has "
    "authorised the client, and that `audience` is what the server expects",
    "invalid_scope": "ask the API's owner which scopes this client may request, and correct `scope`",
    "unauthorized_client": "allow this grant type for the client on the token server",
    "unsupported_grant_type": "check that `token_url` is the token endpoint and that it offers this grant",
    "invalid_request": "check `token_url` and the fields of the authentication",
}


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A usable answer. `expires_in` is in seconds; `None` when the server did not say."""

    value: Secret[str] = field(repr=False)
    expires_in: float | None


def token_request(url: RenderedUrl, form: Sequence[tuple[str, str]]) -> Request:
    """A POST with a form body, its fields in the given order."""
    return Request(
        "POST",
        url.origin,
        url.target,
        (("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")),
        Secret(urlencode(form).encode("ascii")),
    )


def bearer(token: Secret[str], lifetime: float | None) -> Credential:
    """`Authorization: Bearer …` (RFC 6750 section 2.1); a life of zero or less means: use once."""
    usable = lifetime if lifetime is not None and lifetime > 0 else None
    return Credential("header", "Authorization", Secret(f"Bearer {token.reveal()}"), usable)


def read_token(reply: TokenReply, now: float) -> AccessToken:
    """The access token of a reply. Raises TokenRequestFailed, which never holds the body."""
    members = _members(reply)
    if not 200 <= reply.status < 300 or _error_code(members):
        raise _refusal(reply, members, now)
    token = members.get("access_token")
    if not isinstance(token, str) or not token:
        raise _unusable(reply, now, "without an access_token", _shape_hint(reply))
    if not token.isascii() or not token.isprintable():
        raise _unusable(reply, now, "with an access_token that a header cannot carry", None)
    kind = token_type(members)
    if kind is not None and kind.lower() != "bearer":
        shown = kind if ERROR_CODE.fullmatch(kind) else "unknown"
        raise _unusable(
            reply,
            now,
            f"with the token_type {shown}; only Bearer tokens can be used",
            "configure the token server to issue Bearer tokens to this client",
        )
    return AccessToken(Secret(token), expires_in(members))


def what_it_said(reply: TokenReply) -> tuple[str | None, float | None, str | None]:
    """`token_type`, `expires_in` and `scope` of a reply, for explain."""
    members = _members(reply)
    scope = members.get("scope")
    return token_type(members), expires_in(members), scope if isinstance(scope, str) else None


def token_type(members: dict[str, Any]) -> str | None:
    """The type as the server names it; a value that is not a text counts as an unknown type."""
    kind = members.get("token_type")
    return kind if kind is None or isinstance(kind, str) else "unknown"


def expires_in(members: dict[str, Any]) -> float | None:
    """Seconds, from a number or a numeric text; `None` when absent or unreadable."""
    value = members.get("expires_in")
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) else None


def hint_for(oauth_error: str | None) -> str | None:
    """Advice for an error code of RFC 6749 section 5.2."""
    return HINTS.get(oauth_error) if oauth_error else None


def _members(reply: TokenReply) -> dict[str, Any]:
    try:
        members = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return {}
    return members if isinstance(members, dict) else {}


def _error_code(members: dict[str, Any]) -> str | None:
    code = members.get("error")
    return code if isinstance(code, str) and ERROR_CODE.fullmatch(code) else None


def _refusal(reply: TokenReply, members: dict[str, Any], now: float) -> TokenRequestFailed:
    code = _error_code(members)
    description = members.get("error_description")
    if 300 <= reply.status < 400:
        detail = f"the token URL redirects (status {reply.status}); redirects are not followed"
        hint: str | None = "write the address that it redirects to as `token_url`"
    else:
        detail = f"the token endpoint answered {reply.status}" + (f" {code}" if code else "")
        hint = hint_for(code) or _shape_hint(reply)
    return TokenRequestFailed(
        detail,
        upstream_status=reply.status,
        oauth_error=code,
        oauth_description=_printable(description) if isinstance(description, str) else None,
        retry_after=_retry_after(reply, now),
        hint=hint,
    )


def _unusable(reply: TokenReply, now: float, what: str, hint: str | None) -> TokenRequestFailed:
    return TokenRequestFailed(
        f"the token endpoint answered {reply.status} {what}",
        upstream_status=reply.status,
        retry_after=_retry_after(reply, now),
        hint=hint,
    )


def _shape_hint(reply: TokenReply) -> str | None:
    """What the shape of a reply gives away."""
    if "html" in reply.headers.get("content-type", "") or reply.body.lstrip()[:1] == b"<":
        return "it answered with a web page: `token_url` is probably not the token endpoint"
    if reply.status in (404, 405):
        return "there is no token endpoint at this address: correct `token_url`"
    if reply.status == 429:
        return "the token server limits how often this client may ask; it is asked again after a pause"
    if reply.status >= 500:
        return "the token server has a fault of its own; it is asked again after a pause"
    return None


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:MAXIMUM_DESCRIPTION]


def _retry_after(reply: TokenReply, now: float) -> float | None:
    """RFC 9110 section 10.2.3, seconds or a date; at most a minute is honoured."""
    text = reply.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,10}", text):
        seconds = float(text)
    else:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return min(seconds, MAXIMUM_RETRY_AFTER) if seconds > 0 else None
