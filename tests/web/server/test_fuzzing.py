"""Requests nobody has thought of: the server stays up, and where packets end changes nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from sealgate.web.server.parsing import BadRequest, RequestParser

from .running import Running, echo

SEEDS = [
    b"GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://b/x HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nX: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    b"POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello",
    b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
]
SPLICES = [
    *(b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b",", b";", b"0", b"-", b"/", b"\xff", b"chunked"),
    *(b"\r\n\r\n", b"Host: b\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"f" * 20),
]


@st.composite
def wounded(draw):
    """One to three requests with up to four wounds."""
    raw = b"".join(draw(st.lists(st.sampled_from(SEEDS), min_size=1, max_size=3)))
    for _ in range(draw(st.integers(0, 4))):
        at, size = draw(st.integers(0, len(raw))), draw(st.integers(0, 6))
        put = draw(st.sampled_from(SPLICES) | st.binary(max_size=4))
        raw = raw[:at] + put + raw[at + size :]
    return raw


@pytest.fixture(scope="module")
def server():
    running = Running(echo)
    yield running
    running.close()


def test_whatever_comes_the_server_goes_on(server):
    @given(raw=wounded(), cuts=st.lists(st.integers(0, 200), max_size=3))
    @settings(max_examples=300, deadline=None, database=None)
    def whatever_comes(raw, cuts):
        with server.call() as caller:
            for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(raw)], strict=True):
                caller.send(raw[start:end])
            caller.socket.shutdown(1)
            ended = caller.rest()  # in time, and never by a reset
        assert ended == b"" or ended.startswith(b"HTTP/1.1 ")
        with server.call() as caller:
            assert caller.alive()

    with capture_logs() as logs:
        whatever_comes()
    assert logs == [] and server.faults == []


def read(pieces):
    """What a parser makes of a stream: its requests, and whether it refused the rest (of a head with two
    faults, which one is named depends on the packets)."""
    begun, refused = [], False
    parser = RequestParser(begun.append)
    try:
        for piece in pieces:
            parser.feed(piece)
    except BadRequest:
        refused = True
    requests = [
        (r.method, r.target, r.fields, r.take(), r.complete, r.keep_alive, r.modern, r.waits) for r in begun
    ]
    return requests, refused


@given(raw=wounded(), cut=st.integers(0, 300))
@settings(max_examples=500, deadline=None, database=None)
def test_where_packets_end_changes_nothing(raw, cut):
    whole = read([raw])
    assert read([raw[:cut], raw[cut:]]) == whole
    assert read([bytes([byte]) for byte in raw]) == whole


def test_random_bytes_are_refused_or_waited_for(server):
    @given(st.binary(min_size=1, max_size=400))
    @settings(max_examples=150, deadline=None, database=None)
    def random_bytes(raw):
        with server.call(raw) as caller:
            caller.socket.shutdown(1)
            ended = caller.rest()
        assert ended == b"" or ended.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 505 "))

    random_bytes()
    server.emptied()
    assert server.faults == []
