"""What the server makes of bytes: table by table, each row a connection of its own."""

import pytest

from .running import Running, echo

HOST = b"Host: a\r\n"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
ODD = b"//a/../%2e/%zz;'<>|{}?[]?"
HELLO = b"5\r\nhello\r\n0\r\n\r\n"


@pytest.fixture(scope="module")
def server():
    running = Running(echo)
    yield running
    running.close()


def coded(coding):
    return POST + b"Transfer-Encoding: " + coding + b"\r\n\r\n" + HELLO


def target(text):
    return b"GET " + text + b" HTTP/1.1\r\n" + HOST + b"\r\n"


REFUSED = {
    # Where a body ends must not be a matter of opinion (RFC 9112 section 6.3).
    "two equal lengths": (400, POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    "two lengths": (400, POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    "a list of lengths": (400, POST + b"Content-Length: 5, 5\r\n\r\nhello"),
    "a length with a sign": (400, POST + b"Content-Length: +5\r\n\r\nhello"),
    "a length below nothing": (400, POST + b"Content-Length: -5\r\n\r\nhello"),
    "a hexadecimal length": (400, POST + b"Content-Length: 0x5\r\n\r\nhello"),
    "no length where one is announced": (400, POST + b"Content-Length: \r\n\r\nhello"),
    "two numbers": (400, POST + b"Content-Length: 5 5\r\n\r\nhello"),
    "a length beyond all bounds": (400, POST + b"Content-Length: 99999999999999999999\r\n\r\nhello"),
    "a length, then a coding": (
        400,
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + HELLO,
    ),
    "a coding, then a length": (
        400,
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + HELLO,
    ),
    "gzip": (501, coded(b"gzip")),
    "gzip, chunked": (501, coded(b"gzip, chunked")),
    "chunked, chunked": (400, coded(b"chunked, chunked")),
    "chunked, identity": (400, coded(b"chunked, identity")),
    "xchunked": (501, coded(b"xchunked")),
    "chunked with a parameter": (501, coded(b"chunked;q=1")),
    "chunked and a tab": (501, coded(b"chunked\t")),
    "a vertical tab and chunked": (400, coded(b"\x0bchunked")),
    "an empty coding": (400, coded(b"")),
    "chunked twice": (
        400,
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + HELLO,
    ),
    "a coding in HTTP/1.0": (400, b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + HELLO),
    # Where a field, or the head, ends neither.
    "a space before the colon": (400, POST + b"Content-Length : 5\r\n\r\nhello"),
    "a coding with a space before the colon": (400, POST + b"Transfer-Encoding : chunked\r\n\r\n" + HELLO),
    "a folded line": (400, GET + b"X: a\r\n b\r\n\r\n"),
    "a folded first line": (400, b"GET / HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n"),
    "LF after the first line": (400, b"GET / HTTP/1.1\n" + HOST + b"\r\n"),
    "LF after a field": (400, b"GET / HTTP/1.1\r\nHost: a\n\r\n"),
    "LF after the head": (400, GET + b"\n"),
    "CR in a value": (400, GET + b"X: a\rb\r\n\r\n"),
    "CR CR LF": (400, GET + b"X: a\r\r\n\r\n"),
    "NUL in a value": (400, GET + b"X: a\0b\r\n\r\n"),
    "a control character in a value": (400, GET + b"X: a\x01b\r\n\r\n"),
    "a field without a name": (400, GET + b": b\r\n\r\n"),
    "a bracket in a name": (400, GET + b"X(: b\r\n\r\n"),
    "a name beyond ASCII": (400, GET + b"X\xe9: b\r\n\r\n"),
    "a field without a colon": (400, GET + b"X\r\n\r\n"),
    # Which host is meant (RFC 9112 section 3.2).
    "no host": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "two hosts": (400, GET + HOST + b"\r\n"),
    "two hosts in HTTP/1.0": (400, b"GET / HTTP/1.0\r\n" + HOST + HOST + b"\r\n"),
    "a host with a path": (400, b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    "a host with a user": (400, b"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    "two hosts in one": (400, b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    "a port that is none": (400, b"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"),
    # What is asked for.
    "an authority": (400, target(b"a.example:80")),
    "CONNECT": (400, b"CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\n\r\n"),
    "GET *": (400, target(b"*")),
    "an absolute target with a user": (400, target(b"http://u:p@b/")),
    "an absolute target of another scheme": (400, target(b"ftp://b/")),
    "an absolute target without a host": (400, target(b"http:///x")),
    "a target beyond ASCII": (400, target("/é".encode())),
    "a control character in the target": (400, target(b"/\x01")),
    "DEL in the target": (400, target(b"/\x7f")),
    "a tab in the target": (400, target(b"/\t")),
    "a space in the target": (400, target(b"/a b")),
    "NUL in the target": (400, target(b"/\0")),
    "a fragment": (400, target(b"/a#b")),
    "a target without a slash": (400, target(b"?a")),
    "a long target": (431, target(b"/" + b"a" * 65536)),
    "a large field": (431, GET + b"X: " + b"a" * 65536 + b"\r\n\r\n"),
    "a large head": (431, GET + (b"X: " + b"a" * 400 + b"\r\n") * 170 + b"\r\n"),
    "201 fields": (431, GET + b"X: a\r\n" * 200 + b"\r\n"),
    "no end of empty lines": (431, b"\r\n" * 40_000),
    "an unknown method": (400, b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a method in lower case": (400, b"get / HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a tab for a space": (400, b"GET\t/ HTTP/1.1\r\n" + HOST + b"\r\n"),
    "an expectation": (417, POST + b"Expect: 200-ok\r\nContent-Length: 5\r\n\r\nhello"),
    # Other protocols.
    "HTTP/0.9": (505, b"GET /\r\n\r\n"),
    "HTTP/1.2": (400, b"GET / HTTP/1.2\r\n" + HOST + b"\r\n"),
    "HTTP/2.0": (505, b"GET / HTTP/2.0\r\n" + HOST + b"\r\n"),
    "http/1.1": (400, b"GET / http/1.1\r\n" + HOST + b"\r\n"),
    "the preface of HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "the hello of TLS": (400, bytes.fromhex("16030100c8010000c40303") + b"\0" * 194),
    "noise": (400, bytes(range(1, 256))),
}


@pytest.mark.parametrize("status, raw", REFUSED.values(), ids=REFUSED)
def test_refused(server, status, raw):
    with server.call(raw) as caller:
        answer = caller.answer()
        assert answer.status == status
        assert answer.fields["connection"] == "close"
        assert answer.body.startswith(b'{"success":false,"errors":{"code":"')
        assert caller.rest() == b""


BROKEN_BODIES = {
    "a chunk size with a sign": b"+5\r\nhello\r\n0\r\n\r\n",
    "a chunk size below nothing": b"-5\r\nhello\r\n0\r\n\r\n",
    "a space before the chunk size": b" 5\r\nhello\r\n0\r\n\r\n",
    "a space after the chunk size": b"5 \r\nhello\r\n0\r\n\r\n",
    "0x5": b"0x5\r\nhello\r\n0\r\n\r\n",
    "an underscore": b"5_0\r\nhello\r\n0\r\n\r\n",
    "no chunk size": b"\r\nhello\r\n0\r\n\r\n",
    "a chunk size beyond all bounds": b"FFFFFFFFFFFFFFFFF\r\nhello",
    "LF after the chunk size": b"5\nhello\r\n0\r\n\r\n",
    "LF after the chunk": b"5\r\nhello\n0\r\n\r\n",
    "no end of the chunk": b"5\r\nhello0\r\n\r\n",
    "a chunk that is longer": b"5\r\nhelloXX0\r\n\r\n",
    "LF after the last chunk": b"5\r\nhello\r\n0\n\r\n",
    "LF at the end": b"5\r\nhello\r\n0\r\n\n",
    "CR in an extension": b"5;a\rb\r\nhello\r\n0\r\n\r\n",
    "LF in an extension": b"5;a=b\nhello\r\n0\r\n\r\n",
    "a line break in a quoted extension": b'5;a="\r\n"\r\nhello\r\n0\r\n\r\n',
    "a large extension": b"5;" + b"a" * 600_000,
    "a bad trailer": b"5\r\nhello\r\n0\r\nX: a\n\r\n",
    "a folded trailer": b"5\r\nhello\r\n0\r\n X: a\r\n\r\n",
    "a large trailer": b"5\r\nhello\r\n0\r\nX: " + b"a" * 600_000,
}


@pytest.mark.parametrize("whole", [True, False], ids=["one packet", "head first"])
@pytest.mark.parametrize("raw", BROKEN_BODIES.values(), ids=BROKEN_BODIES)
def test_a_body_that_breaks_ends_in_400_and_the_connection(server, raw, whole):
    with server.call(CHUNKED + raw if whole else CHUNKED) as caller:
        if not whole:
            caller.send(raw)
        assert caller.answer().status == 400
        assert caller.rest() == b""


TAKEN = {
    "GET": (GET + b"\r\n", [b"GET", b"/", b""]),
    "a query": (target(b"/a?b=c&d"), [b"GET", b"/a?b=c&d", b""]),
    "a target as it came": (target(ODD), [b"GET", ODD, b""]),
    "an absolute target": (target(b"http://b:8080/x?y"), [b"GET", b"/x?y", b"", b"host: b:8080"]),
    "an absolute target without a path": (target(b"HTTPS://b"), [b"GET", b"/", b"", b"host: b"]),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", [b"OPTIONS", b"*", b""]),
    "PROPFIND": (b"PROPFIND / HTTP/1.1\r\n" + HOST + b"\r\n", [b"PROPFIND", b"/", b""]),
    "an empty host": (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", [b"GET", b"/", b"", b"host: "]),
    "an IPv6 host": (b"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", [b"GET", b"/", b"", b"host: [::1]:80"]),
    "spaces around values": (GET + b"X: \t a b \t\r\n\r\n", [b"GET", b"/", b"", b"host: a", b"x: a b"]),
    "a value beyond ASCII": (GET + b"X: caf\xe9\r\n\r\n", [b"GET", b"/", b"", b"host: a", b"x: caf\xe9"]),
    "a field twice": (
        GET + b"X: 1\r\nx: 2\r\n\r\n",
        [b"GET", b"/", b"", b"host: a", b"x: 1", b"x: 2"],
    ),
    "200 fields": (GET + b"X: a\r\n" * 199 + b"\r\n", [b"GET", b"/", b"", b"host: a", *[b"x: a"] * 199]),
    "a length": (POST + b"Content-Length: 5\r\n\r\nhello", [b"POST", b"/", b"hello"]),
    "a length and spaces": (POST + b"Content-Length: \t5 \r\n\r\nhello", [b"POST", b"/", b"hello"]),
    "a body with GET": (GET + b"Content-Length: 5\r\n\r\nhello", [b"GET", b"/", b"hello"]),
    "chunks": (CHUNKED + HELLO, [b"POST", b"/", b"hello"]),
    "Chunked": (coded(b"Chunked"), [b"POST", b"/", b"hello"]),
    "chunked and a space": (coded(b" chunked "), [b"POST", b"/", b"hello"]),
    "leading zeros": (CHUNKED + b"0005\r\nhello\r\n000\r\n\r\n", [b"POST", b"/", b"hello"]),
    "extensions": (CHUNKED + b'5;a=b;c="d"\r\nhello\r\n0;e\r\n\r\n', [b"POST", b"/", b"hello"]),
    "trailers": (
        CHUNKED + b"5\r\nhello\r\n0\r\nHost: evil\r\nX: a\r\nExpect: b\r\nContent-Type: c\r\n\r\n",
        [b"POST", b"/", b"hello", b"host: a", b"transfer-encoding: chunked"],
    ),
    "empty lines before it": (b"\r\n\r\n" + GET + b"\r\n", [b"GET", b"/", b""]),
    "an upgrade to HTTP/2": (
        GET + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n",
        [b"GET", b"/", b"", b"host: a", b"connection: Upgrade, HTTP2-Settings", b"http2-settings: AA"],
    ),
    "an upgrade with a body": (
        POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello",
        [b"POST", b"/", b"hello"],
    ),
    "an upgrade with chunks": (
        POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n" + HELLO,
        [b"POST", b"/", b"hello"],
    ),
    "an upgrade to WebSocket": (
        GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
        [b"GET", b"/", b""],
    ),
}


@pytest.mark.parametrize("raw, asked", TAKEN.values(), ids=TAKEN)
def test_taken_and_the_connection_kept(server, raw, asked):
    with server.call(raw) as caller:
        answer = caller.answer()
        assert answer.status == 200
        assert answer.body.split(b"\n")[: len(asked)] == asked
        assert "connection" not in answer.fields
        assert b"evil" not in answer.body
        assert caller.alive()


@pytest.mark.parametrize("raw, asked", TAKEN.values(), ids=TAKEN)
def test_byte_by_byte_it_is_the_same(server, raw, asked):
    with server.call() as caller:
        for byte in raw if len(raw) < 400 else ():
            caller.send(bytes([byte]))
        if len(raw) >= 400:
            caller.send(raw[:200])
            caller.send(raw[200:])
        assert caller.answer().body.split(b"\n")[: len(asked)] == asked
        assert caller.alive()


CLOSED_AFTER = {
    "close": ([200], GET + b"Connection: close\r\n\r\n"),
    "close in a list": ([200], GET + b"Connection: keep-alive, Close\r\n\r\n"),
    "HTTP/1.0": ([200], b"GET / HTTP/1.0\r\n\r\n"),
    "HTTP/1.0 that would be kept": ([200], b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
    "close, and more": ([200], GET + b"Connection: close\r\n\r\n" + GET + b"\r\n"),
    "garbage after it": ([200, 400], GET + b"\r\n\x16\x03\x01"),
    "garbage after a body": ([200, 400], POST + b"Content-Length: 5\r\n\r\nhelloXX / \r\n"),
    "refused after two": ([200, 200, 505], (GET + b"\r\n") * 2 + b"GET / HTTP/2.0\r\n\r\n"),
    "the preface after an upgrade": (
        [200, 400],
        GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ),
}


@pytest.mark.parametrize("statuses, raw", CLOSED_AFTER.values(), ids=CLOSED_AFTER)
def test_closed_after(server, statuses, raw):
    with server.call(raw) as caller:
        assert caller.statuses() == statuses


def test_requests_in_one_packet_are_answered_in_order(server):
    raw = b"".join(target(b"/%d" % number) + b"\r\n" for number in range(50))
    with server.call(raw + POST + b"Content-Length: 3\r\n\r\nend" + GET + b"\r\n") as caller:
        assert [caller.answer().body.split(b"\n")[1] for _ in range(50)] == [b"/%d" % n for n in range(50)]
        assert caller.answer().body.split(b"\n")[2] == b"end"
        assert caller.answer().status == 200
        assert caller.alive()


@pytest.mark.parametrize("size", ["7fffffffffffffff", "ffffffffffffffff"])
def test_a_chunk_that_never_ends_is_a_body_that_never_ends(server, size):
    with server.call(CHUNKED + size.encode() + b"\r\nhello") as caller:
        caller.socket.shutdown(1)
        assert caller.statuses() == [400]
