"""Requests as they come in: bytes become heads and pieces of bodies (RFC 9112).

Only this file knows the parser, llhttp. It runs in its strict mode, which refuses what could be read in two
ways: two lengths, a length beside a coding, a bad chunk, a folded line, a space before a colon, a line that
ends with LF alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpRequestParser

HOST = re.compile(rb"(?:[\w.~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
"""What a `Host` field may hold (RFC 9110 section 7.2); a user's name is no part of it."""
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

    __slots__ = (
        "chunked",
        "complete",
        "fields",
        "keep_alive",
        "method",
        "modern",
        "pieces",
        "size",
        "target",
        "waits",
    )

    def __init__(self) -> None:
        self.method = ""
        self.target = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.modern = True
        """Whether it is of HTTP/1.1: a reply may be chunked."""
        self.chunked = False
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
        self._refusal: BadRequest | None = None
        self._unframed = 0
        self._hosts = 0
        self._host = b""
        """The last value of `Host` that was checked: callers seldom change it."""
        self.received = Received()
        """The request that came last, whole or not."""
        self.in_head = False
        """Whether a part of a head has come and the rest has not."""
        self.ended = False
        """Whether nothing more can be read."""

    def feed(self, data: bytes) -> None:
        """Raises BadRequest for what is no request, or one that could be read in two ways."""
        if self.ended:
            return
        self._unframed += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._stay_plain(data[upgrade.args[0] :])
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
        self.received = Received()
        self._hosts = 0
        self.in_head = True

    def on_url(self, part: bytes) -> None:
        self.received.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.in_head:  # a trailer, which is dropped
            return
        name = name.lower()
        if name in _SPECIAL:
            self._special(name, value.rstrip(b" "))  # where the parser does not look beyond a tab either
        self.received.fields.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        received = self.received
        fields = received.fields
        if len(fields) > MAX_FIELDS or (
            self._unframed > MAX_HEAD
            and len(received.target) + sum(len(name) + len(value) for name, value in fields) > MAX_HEAD
        ):
            self._refuse(431, f"the head has more than {MAX_FIELDS} fields or {MAX_HEAD} bytes")
        self.in_head = False
        self._unframed = 0
        self._check_version(received)
        if self._hosts != 1 and (received.modern or self._hosts):
            self._refuse(400, "a request has exactly one Host field")
        received.method = self._parser.get_method().decode("ascii")
        if not received.target.startswith(b"/") or b"#" in received.target:
            self._origin_form(received)
        received.keep_alive = received.modern and self._parser.should_keep_alive()
        if not self._parser.should_upgrade():
            self._begun(received)

    def on_body(self, piece: bytes) -> None:
        self._unframed = 0
        received = self.received
        received.pieces.append(piece)
        received.size += len(piece)

    def on_message_complete(self) -> None:
        self.received.complete = True
        self._unframed = 0

    def _special(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            self._hosts += 1
            if value != self._host:
                self._check_host(value)
                self._host = value
        elif name == b"expect":
            if value.lower() != b"100-continue":
                self._refuse(417, "the only expectation that this server knows is 100-continue")
            self.received.waits = True
        elif value.lower() != b"chunked":
            self._refuse(501, "the only transfer coding that this server knows is chunked")
        else:
            self.received.chunked = True

    def _check_version(self, received: Received) -> None:
        version = self._parser.get_http_version()
        if version == "1.1":
            return
        if version != "1.0":
            self._refuse(505, "this server speaks HTTP/1.1")
        if received.chunked:  # RFC 9112 section 6.1: its framing cannot be trusted
            self._refuse(400, "a request of HTTP/1.0 has no transfer coding")
        received.modern = received.waits = False

    def _check_host(self, value: bytes) -> None:
        if not HOST.fullmatch(value):
            self._refuse(400, "Host names a host, and a port where there is one")

    def _origin_form(self, received: Received) -> None:
        """`http://host/path` is taken as `/path` for that host (RFC 9112 section 3.2.2), `*` for OPTIONS as
        it is (section 3.2.4)."""
        scheme, found, rest = received.target.partition(b"://")
        authority, slash, path = rest.partition(b"/")
        if b"#" in received.target:
            self._refuse(400, "the request target has no fragment")
        if found and scheme.lower() in (b"http", b"https") and authority and b"?" not in authority:
            self._check_host(authority)
            received.target = slash + path or b"/"
            received.fields = [
                (name, authority if name == b"host" else value) for name, value in received.fields
            ]
        elif received.target != b"*" or received.method != "OPTIONS":
            self._refuse(400, "the request target must begin with /")

    def _stay_plain(self, rest: bytes) -> None:
        """Read a request that asks for another protocol as if it did not: the parser would leave its body
        unread, and some clients ask with each request."""
        received = self.received
        version = b"1.1" if received.modern else b"1.0"
        lines = [b"%b %b HTTP/%b" % (received.method.encode(), received.target, version)]
        lines += [b"%b: %b" % field for field in received.fields if field[0] != b"upgrade"]
        self._parser = HttpRequestParser(self)
        self.feed(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    def _refuse(self, status: int, detail: str) -> NoReturn:
        self._refusal = BadRequest(status, detail)
        raise self._refusal


_SPECIAL = frozenset({b"host", b"expect", b"transfer-encoding"})
