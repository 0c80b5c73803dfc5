"""A stored response: what the cache keeps of a reply, and how long it may be used (RFC 9111 section 4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import orjson

from sealgate.message import Response, whole_response


@dataclass(frozen=True, slots=True)
class Stored:
    """A whole reply. Times are Unix time, durations seconds.

    `born` is when the origin made it, as far as `Date`, `Age` and the time it took tell; `lifetime` its
    freshness lifetime, zero without one; the two `stale_…` windows follow after it (RFC 5861). `vary`
    names the selecting header fields and `selecting` holds what the request had in them."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    born: float
    lifetime: float
    stale_while_revalidate: float = 0.0
    stale_if_error: float = 0.0
    vary: tuple[str, ...] = ()
    selecting: tuple[str | None, ...] = field(default=(), repr=False)

    def is_fresh(self, now: float) -> bool:
        return now - self.born < self.lifetime

    def serves_while_revalidating(self, now: float) -> bool:
        return now - self.born < self.lifetime + self.stale_while_revalidate

    def serves_after_error(self, now: float) -> bool:
        return now - self.born < self.lifetime + self.stale_if_error

    def selected_by(self, headers: Mapping[str, str]) -> bool:
        """Whether a request with these header fields selects this response (RFC 9111 section 4.1)."""
        return not self.vary or self.selecting == selecting_values(self.vary, headers)

    def response(self, now: float) -> Response:
        """The reply as it goes out again, with its age (RFC 9111 section 5.1)."""
        age = ("age", str(max(0, int(now - self.born))))
        return whole_response(self.status, (*self.headers, age), self.body)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    def to_bytes(self) -> bytes:
        """One line of JSON, then the body."""
        head = {name: getattr(self, name) for name in self.__slots__ if name != "body"}
        return orjson.dumps(head) + b"\n" + self.body

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        head, _, body = content.partition(b"\n")
        members = orjson.loads(head)
        members["headers"] = tuple((name, value) for name, value in members["headers"])
        members["vary"], members["selecting"] = tuple(members["vary"]), tuple(members["selecting"])
        return cls(body=body, **members)


def selecting_values(names: tuple[str, ...], headers: Mapping[str, str]) -> tuple[str | None, ...]:
    """The request's values of the fields that `Vary` names."""
    return tuple(headers.get(name) for name in names)
