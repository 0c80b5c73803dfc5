"""Which header fields pass the gateway, in either direction (DESIGN 6: allow-lists both ways)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

WRITTEN_BY_THE_CLIENT = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade",
     "proxy-connection", "expect"}
)  # fmt: skip
"""Fields that frame the message (RFC 9112 sections 3.2, 6 and 9): a row of that name would break it or
smuggle a second request."""

NEVER_FROM_CALLERS = WRITTEN_BY_THE_CLIENT | {
    "authorization", "proxy-authorization", "proxy-authenticate", "cookie", "forwarded", "x-forwarded-for",
    "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "x-real-ip", "via", "x-path-params",
    "x-csrf-token", "origin", "referer",
}  # fmt: skip
"""Fields that stay fixed even where a row is overridable: identity, routing and framing."""

ALWAYS_FROM_CALLERS = ("accept", "accept-language", "content-type")
"""Fields that a caller may set although no row declares them."""

TO_CALLERS = frozenset(
    {"age", "content-type", "content-language", "content-disposition", "retry-after", "link", "etag",
     "last-modified"}
)  # fmt: skip
TO_CALLERS_PREFIXES = ("x-ratelimit-", "ratelimit-")
"""What comes back of an API's header: never cookies, redirects, CORS or security fields of another
site."""


def returned(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The fields of an upstream reply that reach the caller; names are in lower case."""
    for name, value in headers:
        if name in TO_CALLERS or name.startswith(TO_CALLERS_PREFIXES) or name == "ratelimit":
            yield name, value
