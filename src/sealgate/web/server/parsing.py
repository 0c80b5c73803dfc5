"""Requests as they come in: bytes become heads and pieces of bodies (RFC 9112).

Only this file knows the parser, llhttp. It runs in its strict mode, which refuses what could be read in two
ways: two lengths, a length beside a coding, a bad chunk, a folded line, a space before a colon, a line that
ends with LF alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpRequestParser

MAX_HEAD = 64 * 1024
"""Bytes of a head, and of the framing between two pieces of a body."""
MAX_FIELDS = 200


class BadRequest(Exception):
    """What came is answered with `status`, and the connection ends."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Received:
    """One request. `pieces` are bytes of its body that nobody has taken yet, `size` their number."""

    __slots__ = ("complete", "fields", "keep_alive", "method", "modern", "pieces", "size", "target", "waits")

    def __init__(self) -> None:
        self.method = ""
        self.target = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.modern = True
        """Whether it is of HTTP/1.1: a reply may be chunked."""
        self.keep_alive = False
        self.waits = False
        """Whether its body comes after `100 Continue` only (RFC 9110 section 10.1.1)."""
        self.complete = False
        self.pieces: list[bytes] = []
        self.size = 0

    def take(self) -> bytes:
        """The body as far as it came since the last time."""
        pieces, self.pieces, self.size = self.pieces, [], 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class RequestParser:
    """Reads the requests of one connection, and says of each when its head is there."""

    def __init__(self, begun: Callable[[Received], None]) -> None:
        self._begun = begun
        self._parser = HttpRequestParser(self)
        self._received = Received()
        self._refusal: BadRequest | None = None
        self._unframed = 0
        self._hosts = 0
        self.in_head = False
        """Whether a part of a head has come and the rest has not."""
        self.ended = False
        """Whether nothing more can be read: another protocol was asked for."""

    def feed(self, data: bytes) -> None:
        """Raises BadRequest for what is no request, or one that could be read in two ways."""
        if self.ended:
            return
        self._unframed += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:  # the request stands as it is; what would come next is no HTTP/1.1
            self.ended = True
            self._received.keep_alive = False
        except HttpParserError as error:
            self.ended = True
            if isinstance(error, HttpParserCallbackError) and self._refusal is None:
                raise  # a mistake of ours
            raise self._refusal or BadRequest(400, "this is no valid HTTP/1.1 request") from None
        if self._unframed > MAX_HEAD:
            self.ended = True
            raise BadRequest(431, f"the head or the framing is larger than {MAX_HEAD} bytes")

    # called by the parser

    def on_message_begin(self) -> None:
        self._received = Received()
        self._hosts = 0
        self.in_head = True

    def on_url(self, part: bytes) -> None:
        self._received.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name in _SPECIAL:
            self._special(name, value)
        self._received.fields.append((name, value))

    def on_headers_complete(self) -> None:
        received = self._received
        fields = received.fields
        if len(fields) > MAX_FIELDS or (
            self._unframed > MAX_HEAD and sum(len(name) + len(value) for name, value in fields) > MAX_HEAD
        ):
            self._refuse(431, f"the head has more than {MAX_FIELDS} fields or {MAX_HEAD} bytes")
        self.in_head = False
        self._unframed = 0
        version = self._parser.get_http_version()
        if version not in ("1.1", "1.0"):
            self._refuse(505, "this server speaks HTTP/1.1")
        received.modern = version == "1.1"
        if self._hosts != 1 and (received.modern or self._hosts):
            self._refuse(400, "a request has exactly one Host field")
        if not received.target.startswith(b"/"):
            self._origin_form(received)
        received.method = self._parser.get_method().decode("ascii")
        received.keep_alive = received.modern and self._parser.should_keep_alive()
        self._begun(received)

    def on_body(self, piece: bytes) -> None:
        self._unframed = 0
        received = self._received
        received.pieces.append(piece)
        received.size += len(piece)

    def on_message_complete(self) -> None:
        self._received.complete = True
        self._unframed = 0

    def _special(self, name: bytes, value: bytes) -> None:
        if not self.in_head:  # a trailer, which is dropped
            return
        if name == b"host":
            self._hosts += 1
        elif name == b"expect":
            if value.lower() != b"100-continue":
                self._refuse(417, "the only expectation that this server knows is 100-continue")
            self._received.waits = True
        elif value.lower() != b"chunked":
            self._refuse(501, "the only transfer coding that this server knows is chunked")

    def _origin_form(self, received: Received) -> None:
        """`http://host/path` is taken as `/path` for that host (RFC 9112 section 3.2.2)."""
        scheme, found, rest = received.target.partition(b"://")
        authority, slash, path = rest.partition(b"/")
        if found and scheme.lower() in (b"http", b"https") and authority and b"?" not in authority:
            received.target = slash + path or b"/"
            received.fields = [
                (name, authority if name == b"host" else value) for name, value in received.fields
            ]
        elif received.target != b"*":
            self._refuse(400, "the request target must begin with /")

    def _refuse(self, status: int, detail: str) -> NoReturn:
        self._refusal = BadRequest(status, detail)
        raise self._refusal


_SPECIAL = frozenset({b"host", b"expect", b"transfer-encoding"})
