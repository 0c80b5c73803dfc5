"""A decoded JWT's header and claims with what they mean (RFC 7515 section 4.1, RFC 7519 section 4.1)."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealgate.web.studio.explained.body import MOST_VALUE, cut
from sealgate.web.studio.shown import ago

MOST_MEMBERS = 50
LATEST = 253402300799
"""The end of the year 9999: later times are no times."""
NAMES = {
    "alg": "Algorithm",
    "typ": "Type",
    "kid": "Key id",
    "iss": "Issuer",
    "sub": "Subject",
    "aud": "Audience",
    "exp": "Expires",
    "nbf": "Not before",
    "iat": "Issued",
    "jti": "Token id",
    "scope": "Scope",
    "azp": "Authorized party",
    "client_id": "Client",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """`value` is JSON, a string without its quotes; `words` say what the name means, `note` a time."""

    name: str
    words: str
    value: str
    note: str = ""


def members(part: Any) -> list[Claim]:
    """The members of a header or of claims; a few dozen at most."""
    if not isinstance(part, Mapping):
        return [Claim("", "", _text(part))]
    return [
        Claim(cut(name, 200), NAMES.get(name, ""), _text(value), _time(name, value))
        for name, value in list(part.items())[:MOST_MEMBERS]
    ]


def _text(value: Any) -> str:
    return cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), MOST_VALUE)


def _time(name: str, value: Any) -> str:
    if name not in ("exp", "nbf", "iat") or isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    if not 0 <= value <= LATEST:
        return "this is no time"
    distance, future = ago(value), value > time.time()
    if name == "iat":
        return f"issued {distance}"
    if name == "nbf":
        return f"valid {distance}" if future else f"valid since {distance}"
    return f"expires {distance}" if future else f"expired {distance}"
