"""Replies as bytes, without a network: what is taken, what is refused, and that cuts make no difference."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealgate.egress.parsing import Reply, ReplyParser
from sealgate.errors import UpstreamProtocolError

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
OK = HEAD + b"Content-Length: 2\r\n\r\nok"


def parse(*pieces, method="GET"):
    """Feed pieces as a connection does: nothing after the end."""
    reply, parser = Reply(method == "HEAD"), ReplyParser()
    parser.begin(reply)
    for piece in pieces:
        if piece and not reply.complete:
            parser.feed(piece)
    return reply, parser


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"X: a\rb\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"Content-Length: 2\r\r\n\r\nok",
        HEAD + b"X: a\0b\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"X: a\x01b\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"X: a\x7fb\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"X\0: a\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"X(: a\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"X\xe9: a\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b": a\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"X\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"X : a\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"Content-Length : 2\r\n\r\nok",
        HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"X: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"X: a\r\n\tb\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b" X: a\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        HEAD + b"Content-Length: 2, 2\r\n\r\nok",
        HEAD + b"Content-Length: +2\r\n\r\nok",
        HEAD + b"Content-Length: -2\r\n\r\nok",
        HEAD + b"Content-Length: 0x2\r\n\r\nok",
        HEAD + b"Content-Length: 2 2\r\n\r\nok",
        HEAD + b"Content-Length: 2;\r\n\r\nok",
        HEAD + b"Content-Length: \xb2\r\n\r\nok",
        HEAD + b"Content-Length:\r\n\r\nok",
        HEAD + b"Content-Length: 18446744073709551618\r\n\r\nok",
        HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: identity\r\n\r\nok",
        HEAD + b"Transfer-Encoding: gzip\r\n\r\nok",
        HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding:\r\n\r\n0\r\n\r\n",
        CHUNKED + b"2\nab\r\n0\r\n\r\n",
        CHUNKED + b"2\r\nab\n0\r\n\r\n",
        CHUNKED + b"2\r\nab\r\n0\n\r\n",
        CHUNKED + b"2\r\nab\r\n0\r\n\n",
        CHUNKED + b"0\r\nX: a\n\r\n",
        CHUNKED + b"2;a=b\nab\r\n0\r\n\r\n",
        CHUNKED + b"2;\0\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"2 \r\nab\r\n0\r\n\r\n",
        CHUNKED + b"0x2\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"+2\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"2\r\nabc0\r\n\r\n",
        CHUNKED + b"10000000000000002\r\nab\r\n0\r\n\r\n",
        b"\r\n" + OK,
        b" " + OK,
        b"RTSP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"ICY 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/0.9 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 600 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 a\0b\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 a\rb\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n" + OK,
        b"HTTP/1.1 101 S\r\n\r\n" + OK,
        b"HTTP/1.1 200 " + b"a" * 40_000 + b"\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"X: " + b"a" * 40_000 + b"\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"X: y\r\n" * 201 + b"\r\n",
        HEAD + (b"X: " + b"y" * 30_000 + b"\r\n") * 5 + b"\r\n",
    ],
)  # fmt: skip
def test_what_is_refused(raw):
    with pytest.raises(UpstreamProtocolError):
        parse(raw)
    with pytest.raises(UpstreamProtocolError):
        parse(*(raw[at : at + 1] for at in range(len(raw))))


@pytest.mark.parametrize(
    "raw",
    [b"HTTP/1.1 200 ", HEAD + b"X: ", HEAD + b"X", CHUNKED + b"2;a=", CHUNKED + b"0\r\nX: "],
)
def test_a_line_that_never_ends_is_not_kept_forever(raw):
    with pytest.raises(UpstreamProtocolError):
        parse(raw, *[b"a" * 10_000] * 20)


@pytest.mark.parametrize(
    ("raw", "method", "reusable"),
    [
        (OK, "GET", True),
        (CHUNKED + b"2\r\nok\r\n0\r\nX: trailer\r\n\r\n", "GET", True),
        (b"HTTP/1.1 204 No\r\n\r\n", "GET", True),
        (b"HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", "GET", True),
        (b"HTTP/1.1 100 C\r\n\r\n" + OK, "GET", True),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", "GET", True),
        (HEAD + b"Content-Length: 0\r\n\r\n", "HEAD", True),
        (HEAD + b"Content-Length: 2\r\n\r\n", "HEAD", False),
        (HEAD + b"Content-Length: 2\r\n\r\nok", "HEAD", False),
        (HEAD + b"\r\n", "HEAD", False),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HEAD", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "GET", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "GET", False),
        (HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nok", "GET", False),
        (HEAD + b"Connection: x, Close\r\nContent-Length: 2\r\n\r\nok", "GET", False),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "GET", False),
        (HEAD + b"X: y\nContent-Length: 2\r\n\r\nok", "GET", False),
        (OK + b"x", "GET", False),
        (OK + OK, "GET", False),
        (OK + HEAD, "GET", False),
        (b"HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\nok", "GET", False),
        (b"HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "GET", False),
    ],
)  # fmt: skip
def test_after_which_replies_another_may_follow(raw, method, reusable):
    reply, parser = parse(raw, method=method)
    assert reply.complete and parser.reusable is reusable
    assert reply.take() in (b"", b"ok")


LENGTHS = [(HEAD + b"Content-Length: %d\r\n\r\n" % len(body)) + body
           for body in (b"", b"ok", b"ok\r\n", b"\n", b"\r\n", b"\r\n\r\n\r\n", b"a\n\n")]  # fmt: skip
ENDS = [*LENGTHS, b"HTTP/1.1 204 No\r\n\r\n", b"HTTP/1.1 100 C\r\n\r\n" + LENGTHS[2], CHUNKED + b"0\r\n\r\n",
        CHUNKED + b"2\r\n\r\n\r\n0;a=b\r\n\r\n", CHUNKED + b"1\r\n\n\r\n0\r\nX: trailer\r\n\r\n"]  # fmt: skip


@pytest.mark.parametrize("raw", ENDS)
@pytest.mark.parametrize("surplus", [b"", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\r\n" * 3 + b"\n"])
def test_line_breaks_after_a_reply_are_not_overlooked(raw, surplus):
    """The parser skips them unseen. What comes of them later meets a connection that has no exchange."""
    whole = parse(raw)[0].take()
    for cut in range(len(raw)):
        reply, parser = parse(raw[:cut], raw[cut:] + surplus)
        assert reply.complete and reply.take() == whole
        assert not (surplus and parser.reusable)
        if not surplus and (cut == 0 or parse(raw[:cut])[0].status):
            assert parser.reusable


def test_a_second_reply_changes_nothing_of_the_first():
    reply, _ = parse(OK + b"HTTP/1.1 500 No\r\nX: y\r\nContent-Length: 4\r\n\r\nevil")
    assert (reply.status, reply.headers, reply.take()) == (200, (("content-length", "2"),), b"ok")


def outcome(pieces):
    try:
        reply, _ = parse(*pieces)
    except UpstreamProtocolError:
        return "refused"
    return reply.status, reply.headers, reply.take(), reply.complete


VALID = [
    OK,
    CHUNKED + b"3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nX: y\r\n\r\n",
    b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK,
    b"HTTP/1.0 404 No\r\nServer: x\r\n\r\nuntil the end",
    b"HTTP/1.1 304 No\r\nETag: \"a\"\r\nContent-Length: 7\r\n\r\n",
    HEAD + b"Content-Type: text/plain; charset=utf-8\r\nX-A: 1\r\nx-a:\t2 \r\nContent-Length: 0\r\n\r\n",
]  # fmt: skip
TOKENS = [b"\r\n", b"\n", b"\r", b":", b" ", b"\0", b"0", b"chunked", b"Content-Length: 5\r\n",
          b"\r\n\r\n",
          b"Transfer-Encoding: chunked\r\n", b"HTTP/1.1 200 OK\r\n", b";", b"ffff", b"-", b"\x80",
          ]  # fmt: skip


@st.composite
def wounded(draw):
    """Nonsense, and valid replies with a few wounds."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=80))
    raw = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(0, 4))):
        at, size = draw(st.integers(0, len(raw))), draw(st.integers(0, 6))
        put = draw(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=3), st.just(raw[at : at + 20])))
        raw = raw[:at] + put + raw[at + size :]
    return raw


@given(wounded(), st.lists(st.integers(0, 120), max_size=6))
@settings(max_examples=1500, deadline=None)
@example(OK, [1])
def test_where_the_bytes_are_cut_makes_no_difference(raw, cuts):
    """Also: whatever comes, it is a reply, an unfinished one, or refused."""
    bounds = [0, *sorted(cuts), len(raw)]
    pieces = [raw[start:end] for start, end in pairwise(bounds)]
    assert outcome(pieces) == outcome([raw])
