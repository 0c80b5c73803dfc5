"""When a token may be used, when it is renewed, and when a failing token endpoint is asked again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sealgate.auth._oauth import hint_for
from sealgate.auth.base import Credential
from sealgate.errors import TokenRequestFailed
from sealgate.stores.ports import CachedToken, TokenFailure

MARGIN = 60.0
"""Seconds before its end that a token is no longer used, at most half its life (design section 6)."""
REFRESH_AT = 0.8
"""The part of its usable life after which a token is renewed ahead, while callers keep using it."""
LONGEST_BACK_OFF = 10.0
FORGIVEN_AFTER = 60.0
"""Seconds after a back-off's end when an old failure no longer counts towards the next."""


def cached_token(credential: Credential, lifetime: float, obtained_at: float) -> CachedToken:
    """A credential as the cache keeps it; `expires_at` already has the margin taken off."""
    usable = lifetime - min(MARGIN, lifetime / 2)
    return CachedToken(
        placement=credential.placement,
        name=credential.name,
        value=credential.value,
        obtained_at=obtained_at,
        expires_at=obtained_at + usable,
        refresh_at=obtained_at + usable * REFRESH_AT,
    )


def credential_of(token: CachedToken) -> Credential:
    return Credential("query" if token.placement == "query" else "header", token.name, token.value)


def failure_of(error: TokenRequestFailed, previous: TokenFailure | None, now: float) -> TokenFailure:
    """What processes share about a failed token request: asked again after 1 s, 2 s, … 10 s, or as late
    as the server's `Retry-After` says (design section 14)."""
    recent = previous is not None and now < previous.retry_at + FORGIVEN_AFTER
    attempts = previous.attempts + 1 if previous and recent else 1
    pause = min(2.0 ** min(attempts - 1, 10), LONGEST_BACK_OFF)
    return TokenFailure(
        detail=error.detail,
        code=error.code,
        upstream_status=error.upstream_status,
        oauth_error=error.oauth_error,
        oauth_description=error.oauth_description,
        attempts=attempts,
        retry_at=now + max(pause, error.retry_after or 0.0),
    )


def error_of(
    failure: TokenFailure, hint: str | None, asked: Mapping[str, Any] | None, now: float
) -> TokenRequestFailed:
    """A fresh error for each caller, with the time of the next try."""
    wait = max(failure.retry_at - now, 0.0)
    return TokenRequestFailed(
        failure.detail,
        upstream_status=failure.upstream_status,
        oauth_error=failure.oauth_error,
        oauth_description=failure.oauth_description,
        retry_after=wait,
        asked=asked,
        hint=hint or hint_for(failure.oauth_error),
        headers={"Retry-After": str(max(math.ceil(wait), 1))},
    )
