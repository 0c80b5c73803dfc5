"""What goes to an API and what comes back, as immutable values (RFC 9110)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from sealgate.secret import Secret

HeaderRows = tuple[tuple[str, str | Secret[str]], ...]


class Fields(tuple[tuple[str, str], ...]):
    """Received header fields: lower-case names, order and duplicates kept. `first` has the first value of
    each name."""

    first: dict[str, str]

    def __new__(cls, rows: Iterable[tuple[str, str]] = ()) -> Fields:
        fields = super().__new__(cls, rows)
        fields.first = dict(fields[::-1])
        return fields


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of a destination (RFC 6454). `host` is normalised by `sealgate.host`:
    lower-case A-label, or an IP literal without brackets."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """`host[:port]` as the `Host` field carries it: no default port, brackets around IPv6."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.scheme == "https" else 80
        return host if self.port == default else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


@dataclass(frozen=True, slots=True)
class Request:
    """One request to an upstream or to a token endpoint.

    `target` is the origin form (path and query) exactly as the bytes go out: ASCII, already
    encoded. `headers` excludes `Host`, `Content-Length`, `Transfer-Encoding` and `Connection`, which
    the egress client writes. `body` is whole bytes, a stream of chunks, or nothing.
    """

    method: str
    origin: Origin
    target: str | Secret[str] = field(repr=False)
    headers: HeaderRows = field(default=(), repr=False)
    body: bytes | Secret[bytes] | AsyncIterator[bytes] | None = field(default=None, repr=False)

    @property
    def repeatable(self) -> bool:
        """Whether the request can be sent a second time: a streamed body cannot."""
        return self.body is None or isinstance(self.body, (bytes, Secret))


@dataclass(slots=True)
class Response:
    """A reply whose body has not been read yet.

    `headers` keeps order and duplicates, names in lower case. The body is decoded (no content
    coding left) and bounded by the egress client; reading it may raise the errors of `Downstream`.
    `body` is there when all of it is at hand already. Whoever holds a response must end it: `read()`, a
    drained `chunks()`, or `close()`.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    chunks: Callable[[], AsyncIterator[bytes]] = field(repr=False)
    close: Callable[[], Awaitable[None]] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)

    def header(self, name: str) -> str | None:
        """The first value of a field, by its lower-case name."""
        return next((value for key, value in self.headers if key == name), None)

    async def read(self) -> bytes:
        """The whole body."""
        if self.body is not None:
            return self.body
        try:
            return b"".join([chunk async for chunk in self.chunks()])
        finally:
            await self.close()


async def _nothing() -> None:
    """Ends a response that holds nothing."""


def whole_response(
    status: int,
    headers: tuple[tuple[str, str], ...],
    body: bytes,
    close: Callable[[], Awaitable[None]] = _nothing,
) -> Response:
    """A response whose body is at hand."""

    async def chunks() -> AsyncIterator[bytes]:
        if body:
            yield body

    return Response(status, headers, chunks, close, body)
