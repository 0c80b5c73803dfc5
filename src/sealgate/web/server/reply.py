"""A reply as it goes out: the head of RFC 9112 section 4, and how its body ends (section 6)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus

Fields = Iterable[tuple[bytes, bytes]]

STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}".encode() for status in HTTPStatus}
NO_BODY = frozenset({204, 304})
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


class ReplyBroken(Exception):
    """Raised by an application whose reply cannot be completed. The server ends the connection, so that
    what was sent so far does not pass for the whole."""


class Reply:
    """How one reply is framed. `length` is that of a body that is there whole, `None` for one that comes
    in pieces."""

    __slots__ = ("_bodiless", "_chunked", "head", "keep_alive")

    def __init__(
        self, status: int, fields: Fields, length: int | None, *, head: bool, modern: bool, keep_alive: bool
    ) -> None:
        """`head`: of a HEAD request; `modern`: of an HTTP/1.1 request. Raises ValueError for a field that
        would become two."""
        self._bodiless = head or status in NO_BODY
        self._chunked = False
        self.keep_alive = keep_alive
        lines = [STATUS_LINES.get(status) or b"HTTP/1.1 %d " % status]
        framed = dated = False
        for row in fields:
            lines.append(b": ".join(row))
            if row[0] == b"content-length":
                framed = True
            elif row[0] == b"date":
                dated = True
        if not framed and not self._bodiless:
            if length is not None:
                lines.append(b"content-length: %d" % length)
            elif modern:
                self._chunked = True
                lines.append(b"transfer-encoding: chunked")
            else:
                self.keep_alive = False
        if not dated:
            lines.append(_date())
        if not self.keep_alive:
            lines.append(b"connection: close")
        self.head = b"\r\n".join(lines) + b"\r\n\r\n"
        if self.head.count(b"\n") != len(lines) + 1 or self.head.count(b"\r") != len(lines) + 1:
            raise ValueError("a header field of the reply holds a line break")

    def framed(self, piece: bytes, more: bool) -> bytes:
        """A piece of the body as it goes out, and its end unless there is `more`."""
        if self._bodiless:
            return b""
        if not self._chunked:
            return piece
        if piece:
            piece = b"%x\r\n%b\r\n" % (len(piece), piece)
        return piece if more else piece + LAST_CHUNK


_dated = (0, b"")


def _date() -> bytes:
    """The `Date` field (RFC 9110 section 6.6.1), made once a second."""
    global _dated
    now = int(time.time())
    if now != _dated[0]:
        _dated = (now, f"date: {formatdate(now, usegmt=True)}".encode())
    return _dated[1]
