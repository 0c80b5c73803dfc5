"""One reply as it comes in: bytes become a head and pieces of a body (RFC 9112).

Only this file knows the parser, llhttp. It runs in its strict mode, which refuses what could be read in two
ways: two lengths, a bad chunk, a folded line, a space before a colon, control characters. One leniency
is kept, and only in the head: a line may end with LF alone (RFC 9112 section 2.2).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NoReturn

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpResponseParser

from sealgate.errors import UpstreamProtocolError

MAX_FIELD = 32 * 1024
MAX_FIELDS = 200
MAX_HEAD = 128 * 1024
"""Bytes in a row that are no body: all heads of one reply, or the framing between two pieces, or trailers."""

_FRAMING = frozenset({"content-length", "transfer-encoding"})
_NO_BODY = frozenset({204, 304})
_BREAKS = b"\r\n"
_HEAD_END = len(b"\r\n\r\n")
INVALID = "the API's answer is not valid HTTP"
TOO_LARGE = "the head or the framing of the API's reply is larger than a gateway takes"
BADLY_FRAMED = "the API's reply ends too early or is badly framed"


@lru_cache(maxsize=1024)
def _lower(name: bytes) -> str:
    return name.decode("latin-1").lower()


class Reply:
    """What has come of one reply. `status` is 0 until the head is whole; `length` is what the head says
    of the body; `pieces` are bytes of the body that nobody has taken yet, `size` their number."""

    __slots__ = ("begun", "bodiless", "complete", "headers", "length", "pieces", "size", "status")

    def __init__(self, bodiless: bool) -> None:
        """`bodiless`: the reply to a HEAD request."""
        self.bodiless = bodiless
        self.begun = False
        self.complete = False
        self.status = 0
        self.headers: tuple[tuple[str, str], ...] = ()
        self.length: int | None = None
        self.pieces: list[bytes] = []
        self.size = 0

    def take(self) -> bytes:
        """The body as far as it came since the last time."""
        pieces = self.pieces
        self.pieces = []
        self.size = 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class ReplyParser:
    """Reads the replies of one connection, one after the other."""

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self.begin(Reply(bodiless=True))

    def begin(self, reply: Reply) -> None:
        """What is fed from here on belongs to this reply."""
        self._reply = reply
        self._refusal: UpstreamProtocolError | None = None
        self._rows: list[tuple[bytes, bytes]] = []
        self._chunked = False
        self._interim = False
        self._reusable = False
        self._clean = True
        self._unframed = 0
        self._reason = 0
        self._breaks = 0
        self._breaks_expected = _HEAD_END  # a chunked body ends like a head
        self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True)

    def feed(self, data: bytes) -> None:
        """Raises UpstreamProtocolError for what is no reply, or one that is not to be believed."""
        reply = self._reply
        if not reply.begun:
            reply.begun = True
            if not data.startswith(b"H"):  # the parser would take an empty line, or RTSP, too
                raise UpstreamProtocolError(INVALID)
        if not reply.status:
            end = data.find(b"\r\n\r\n")
            self._clean &= data.count(b"\n", 0, end) == data.count(b"\r\n", 0, end)
        self._unframed += len(data)
        self._breaks = _breaks_at_end(data, self._breaks) if data[-1] in _BREAKS else 0
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._clean = False
            if not reply.complete:
                if isinstance(error, HttpParserCallbackError) and self._refusal is None:
                    raise  # a mistake of ours
                raise self._refusal or UpstreamProtocolError(
                    BADLY_FRAMED if reply.status else INVALID
                ) from None
        if self._unframed > MAX_HEAD and not reply.complete:
            raise UpstreamProtocolError(TOO_LARGE)

    def end(self) -> None:
        """The API has closed the connection in good order. Raises UpstreamProtocolError when the reply
        is not whole by that."""
        reply = self._reply
        if not reply.status:
            raise UpstreamProtocolError("the API closed the connection in the middle of its answer's head")
        if reply.length is not None or self._chunked:
            raise UpstreamProtocolError(BADLY_FRAMED)
        reply.complete = True

    @property
    def reusable(self) -> bool:
        """Whether another reply may follow: the parser itself saw the end of this one, nothing came after
        it, and the API does not want to close (RFC 9112 section 9.3). After a reply to HEAD that tells of a
        body the parser sees no end: some servers do send that body. Line breaks between replies the parser
        skips unseen, so they are counted."""
        return self._clean and self._reusable and self._breaks == self._breaks_expected

    def on_message_begin(self) -> None:
        """Called by the parser, as the methods below."""
        if self._reply.complete:
            self._refuse("the API's reply is followed by another that nobody asked for")

    def on_status(self, reason: bytes) -> None:
        """A part of the reason phrase, which nobody reads."""
        self._reason += len(reason)
        if self._reason > MAX_FIELD or b"\0" in reason:
            self._refuse(INVALID)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head, or a trailer, which is dropped (RFC 9110 section 6.5.1)."""
        if not self._reply.status:
            self._rows.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        version = self._parser.get_http_version()
        if version not in ("1.1", "1.0"):
            self._refuse("the API answered in another version of HTTP than 1.1 and 1.0")
        if 100 <= status < 200 and status != 101:
            self._interim = True
            return
        if not 200 <= status <= 599:
            self._refuse(f"the API answered with the status {status}, which is not valid")
        reply = self._reply
        reply.headers = self._fields()
        reply.status = status
        if version == "1.0" and self._chunked:
            self._clean = False  # faulty, but readable: RFC 9112 section 6.1
        self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=False)
        if reply.bodiless or status in _NO_BODY:
            reply.bodiless = reply.complete = True

    def _fields(self) -> tuple[tuple[str, str], ...]:
        if len(self._rows) > MAX_FIELDS or self._unframed > MAX_FIELD:
            self._weigh()
        fields = []
        for name, value in self._rows:
            field = _lower(name)
            text = value.decode("latin-1").strip(" \t")
            if field in _FRAMING:
                self._frame(field, text)
            fields.append((field, text))
        return tuple(fields)

    def _weigh(self) -> None:
        weights = [len(name) + len(value) for name, value in self._rows]
        if len(weights) > MAX_FIELDS or max(weights, default=0) > MAX_FIELD or sum(weights) > MAX_HEAD:
            self._refuse(TOO_LARGE)

    def _frame(self, field: str, text: str) -> None:
        if field == "content-length":
            self._reply.length = int(text)  # the parser has let nothing but one row of digits through
        elif self._chunked or text.lower() != "chunked":
            self._refuse("the API's reply has a transfer coding other than chunked")
        else:
            self._chunked = True

    def on_body(self, piece: bytes) -> None:
        reply = self._reply
        self._unframed = 0
        if reply.complete:
            self._refuse("the API's reply has a body where there can be none")
        reply.pieces.append(piece)
        reply.size += len(piece)
        if not self._chunked:
            expected = self._breaks_expected
            self._breaks_expected = _breaks_at_end(piece, expected) if piece[-1] in _BREAKS else 0

    def on_message_complete(self) -> None:
        if self._interim:  # 100 Continue, 103 Early Hints: the reply itself follows
            self._interim = False
            self._reason = 0
            self._rows.clear()
            return
        reply = self._reply
        reply.complete = True
        self._reusable = self._parser.should_keep_alive() and not (reply.bodiless and self._chunked)

    def _refuse(self, reason: str) -> NoReturn:
        self._refusal = UpstreamProtocolError(reason)
        raise self._refusal


def _breaks_at_end(data: bytes, before: int) -> int:
    """How many CR and LF stand in a row at the end, `before` of them ahead of this data."""
    rest = len(data.rstrip(_BREAKS))
    return len(data) - rest if rest else before + len(data)
