"""Which pages of other origins may call the data plane (Fetch standard, "CORS protocol"): those of
`SEALGATE_CORS_ORIGINS`, each by name, never `*`. A refused origin gets no CORS header at all."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sealgate.host import parse_origin
from sealgate.message import Fields

METHODS = "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"
EXPOSED = (
    "X-Request-ID, Server-Timing, X-Connector-Timing, Retry-After, Link, ETag, Content-Disposition, "
    "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, RateLimit, RateLimit-Policy"
)
"""What a page may read beside the fields that every page may read."""

NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,4096}")
PREFLIGHT_SECONDS = "600"


class Cors:
    """`credentials` says whether browsers may send cookies along."""

    def __init__(self, origins: Iterable[str], *, credentials: bool) -> None:
        """Raises UrlProblem for an entry that is no origin."""
        self._origins = frozenset(str(parse_origin(origin)) for origin in origins)
        self._credentials = credentials

    def allows(self, origin: str | None) -> bool:
        return origin in self._origins

    def headers(self, fields: Fields) -> list[tuple[str, str]]:
        """What every reply to these request fields carries."""
        if not self._origins:
            return []
        origin = fields.first.get("origin")
        if origin not in self._origins:
            return [("vary", "Origin")]
        return [("vary", "Origin"), *self._permission(origin), ("access-control-expose-headers", EXPOSED)]

    def preflight(self, method: str, fields: Fields) -> list[tuple[str, str]] | None:
        """The header fields of the answer, when this is a preflight request of an allowed origin."""
        origin = fields.first.get("origin")
        if method != "OPTIONS" or origin is None or origin not in self._origins:
            return None
        if fields.first.get("access-control-request-method") is None:
            return None
        answer = [
            ("vary", "Origin, Access-Control-Request-Headers"),
            *self._permission(origin),
            ("access-control-allow-methods", METHODS),
            ("access-control-max-age", PREFLIGHT_SECONDS),
        ]
        # Any name may be asked for: the connector's overridable rows decide which are used.
        asked = fields.first.get("access-control-request-headers")
        if asked is not None and NAMES.fullmatch(asked):
            answer.append(("access-control-allow-headers", asked))
        return answer

    def _permission(self, origin: str) -> list[tuple[str, str]]:
        permission = [("access-control-allow-origin", origin)]
        if self._credentials:
            permission.append(("access-control-allow-credentials", "true"))
        return permission
