"""A call as the web layer received it, and the reply it sends back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from sealgate.caller import Caller
from sealgate.message import Fields


@dataclass(frozen=True, slots=True)
class Call:
    """One execution of a connector. `query` is the raw query string without `?`; `body` is whole bytes, a
    stream, or nothing."""

    caller: Caller
    permalink: str
    method: str
    query: str = field(repr=False)
    headers: Fields = field(repr=False)
    body: bytes | AsyncIterator[bytes] | None = field(repr=False)
    request_id: str
    use_cache: bool = True
    """Whether a stored response may answer: not in a test, which shows what the API answers now."""

    def header(self, name: str) -> str | None:
        """The first value of a field, by its lower-case name."""
        return self.headers.first.get(name)


@dataclass(slots=True)
class Reply:
    """What goes back to the caller. A streamed `body` ends the upstream response when it is drained
    or closed (`aclose`)."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes | AsyncIterator[bytes] = field(repr=False)
