"""A reply as it goes out: the head of RFC 9112 section 4, and how its body ends (section 6)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus

Fields = Iterable[tuple[bytes, bytes]]

STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}".encode()
    for status in HTTPStatus
    if status >= 200
}
NO_BODY = frozenset({204, 304})
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
FRAMING = frozenset({b"content-length", b"date", b"transfer-encoding", b"connection"})
"""Fields that the server writes itself, the first two unless the application does."""


class ReplyBroken(Exception):
    """Raised by an application whose reply cannot be completed. The server ends the connection, so that
    what was sent so far does not pass for the whole."""


class Reply:
    """How one reply is framed. `length` is that of a body that is there whole, `None` for one that comes
    in pieces."""

    __slots__ = ("_bodiless", "_chunked", "_left", "head", "keep_alive")

    def __init__(
        self, status: int, fields: Fields, length: int | None, *, head: bool, modern: bool, keep_alive: bool
    ) -> None:
        """`head`: of a HEAD request; `modern`: of an HTTP/1.1 request. Raises ValueError for a field that
        would become two, or is not the application's to write."""
        self._bodiless = head or status in NO_BODY
        self._chunked = False
        self._left: int | None = None
        """Bytes of a body of declared length that are still to come."""
        self.keep_alive = keep_alive
        lines = [STATUS_LINES.get(status) or _status_line(status)]
        dated = False
        for row in fields:
            if row[0] in FRAMING:
                if row[0] == b"date":
                    dated = True
                else:
                    self._declare(row)
                    if status == 204:
                        continue
            lines.append(b": ".join(row))
        if head and length and self._left is None and status not in NO_BODY:
            lines.append(b"content-length: %d" % length)  # what GET would have (RFC 9110 section 9.3.2)
        elif self._left is None and not self._bodiless:
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
        """A piece of the body as it goes out, and its end unless there is `more`. Raises ValueError for a
        body that is longer or shorter than declared."""
        if self._bodiless:
            return b""
        if self._chunked:
            if piece:
                piece = b"%x\r\n%b\r\n" % (len(piece), piece)
            return piece if more else piece + LAST_CHUNK
        if self._left is not None:
            self._left -= len(piece)
            if self._left < 0 or (self._left and not more):
                raise ValueError("the body is not as long as its content-length says")
        return piece

    def _declare(self, row: tuple[bytes, bytes]) -> None:
        name, value = row
        if name != b"content-length" or self._left is not None or not value.isdigit():
            raise ValueError(f"the field {name.decode()} of a reply is the server's to write")
        self._left = int(value)


def _status_line(status: int) -> bytes:
    if not 200 <= status <= 999:
        raise ValueError(f"{status} is no status of a reply")
    return b"HTTP/1.1 %d " % status


_dated = (0, b"")


def _date() -> bytes:
    """The `Date` field (RFC 9110 section 6.6.1), made once a second."""
    global _dated
    now = int(time.time())
    if now != _dated[0]:
        _dated = (now, f"date: {formatdate(now, usegmt=True)}".encode())
    return _dated[1]
