"""The client on real sockets, against upstreams with and without manners."""

import asyncio
import gzip
import zlib

import pytest

from sealgate.egress import Trace
from sealgate.errors import (
    PayloadTooLarge,
    RequestTemplateFailed,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamUnreachable,
    UrlInvalid,
)
from sealgate.message import Origin, Request
from sealgate.secret import Secret

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HEAD = b"HTTP/1.1 200 OK\r\n"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


VISIBLE = "".join(map(chr, range(0x21, 0x7F))).replace("#", "")
TARGETS = [
    f"/{VISIBLE}?{VISIBLE}",
    "/", "//a/./b/../c", "/a%2Fb%2fc", "/a+b%20c", "/x;y=1,2", "/a'b(c)*!$&", "/?a[b][]=1&a%5Bb%5D=2",
    "/?t=a&t=b&&u", "/?q=a+b%20c%2B", "/?x=%e2%82%ac&y=%E2%82%AC", "/?a=/?:@", "/%7Euser/~user",
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
async def test_the_target_goes_out_byte_for_byte(fetch, upstream, target):
    upstream.say(OK)
    for text in (target, Secret(target)):
        await fetch(target=text)
        assert upstream.heads[-1].split(b"\r\n")[0] == f"GET {target} HTTP/1.1".encode()


async def test_headers_as_they_go_out(fetch, upstream):
    upstream.say(OK)
    rows = [("X-A", "1"), ("X-Key", Secret("sk")), ("Host", "evil.example"), ("Content-Length", "9"),
            ("Transfer-Encoding", "chunked"), ("Connection", "close"), ("X-A", "2")]  # fmt: skip
    await fetch(headers=rows)
    lines = upstream.heads[0].decode().split("\r\n")[1:-2]
    fields = [tuple(line.split(": ", 1)) for line in lines]
    assert fields[0] == ("Host", upstream.origin.authority)
    assert ("X-A", "1") in fields and ("X-A", "2") in fields and ("X-Key", "sk") in fields
    names = {name.lower() for name, _ in fields}
    assert names == {"host", "x-a", "x-key", "accept", "accept-encoding", "user-agent"}


async def test_nothing_that_leaves_the_header_or_the_target_is_sent(fetch, upstream):
    upstream.say(OK)
    for refused in ({"target": "@127.0.0.2/"}, {"headers": [("X-Key", Secret("sk\r\nX: y"))]}):
        with pytest.raises((UrlInvalid, RequestTemplateFailed)):
            await fetch(**refused)
    assert upstream.connections == 0


async def test_bodies_whole_secret_and_streamed(fetch, upstream):
    received = []

    async def script(head, reader, writer):
        body = b""
        if b"chunked" in head.lower():
            while size := int(await reader.readline(), 16):
                body += await reader.readexactly(size)
                await reader.readline()
        else:
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
            body = await reader.readexactly(int(length.split(b":")[1]))
        received.append(body)
        writer.write(LAST)
        writer.close()

    async def chunks():
        yield b"ab"
        yield b""  # must not go out as a chunk of length 0, which ends the body
        yield b"\x00\xff"

    upstream.script = script
    for body in (b"whole", Secret(b"hidden"), chunks()):
        await fetch("POST", body=body)
    assert received == [b"whole", b"hidden", b"ab\x00\xff"]


async def test_a_body_that_fails_is_broken_off_and_says_why(fetch, upstream):
    """A caller's body that grows too large must reach the API as a broken one, never as a whole one."""
    received = asyncio.get_running_loop().create_future()

    async def script(head, reader, writer):
        received.set_result(await reader.read())
        writer.close()

    async def chunks():
        yield b"half"
        raise PayloadTooLarge("the body is too large")

    upstream.script = script
    with pytest.raises(PayloadTooLarge, match="too large"):
        await fetch("POST", body=chunks())
    assert await asyncio.wait_for(received, 5) == b"4\r\nhalf\r\n"


@pytest.mark.parametrize("streamed", [True, False])
async def test_an_answer_before_the_body_was_read(fetch, upstream, streamed):
    async def chunks():
        for _ in range(200):
            yield b"x" * 65536

    upstream.say(b"HTTP/1.1 413 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
    body = chunks() if streamed else b"x" * 65536 * 200
    response, received = await fetch("POST", body=body)
    assert (response.status, received) == (413, b"no")


async def test_a_reader_that_pauses_holds_the_sender_back(egress, upstream):
    sent = 0

    async def script(head, reader, writer):
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    upstream.script = script
    response = await egress.send(Request("GET", upstream.origin, "/"), timeout=5)
    chunks = response.chunks()
    await anext(chunks)
    await asyncio.sleep(0.3)
    held_at = sent
    await asyncio.sleep(0.3)
    assert sent == held_at < 32 * 1024 * 1024
    await chunks.aclose()
    await response.close()


async def test_other_tasks_run_while_a_reply_is_unpacked(egress, upstream):
    upstream.say(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"\0" * 16 * 1024 * 1024))
    turns = 0

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    response = await egress.send(Request("GET", upstream.origin, "/"), timeout=5)
    counting = asyncio.create_task(count())
    await response.read()
    counting.cancel()
    assert turns > 200  # of 256 pieces


async def test_redirects_are_not_followed_and_cookies_not_kept(fetch, upstream):
    upstream.say(
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    )
    response, _ = await fetch()
    assert response.status == 302 and response.header("location")
    await fetch()
    assert len(upstream.heads) == 2 and b"cookie" not in upstream.heads[1].lower()


async def test_response_headers_keep_order_and_duplicates(fetch, upstream):
    upstream.say(b"HTTP/1.1 200 OK\r\nX-B: 1\r\nLink: a\r\nx-b: 2\r\nContent-Length: 0\r\n\r\n")
    response, _ = await fetch()
    assert response.headers == (("x-b", "1"), ("link", "a"), ("x-b", "2"), ("content-length", "0"))


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", OK], b"ok"),
        ([b"HTTP/1.1 200 OK\r\n\r\nuntil the end"], b"until the end"),
        ([b"HTTP/1.0 200 OK\r\n\r\nold"], b"old"),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX: trailer\r\n\r\n"], b"ab"),
        ([b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"], b"ok"),
        ([b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"], b""),
        ([b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 1000, OK], b"ok"),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
        ([b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"], b""),
    ],
)
async def test_framings(fetch, upstream, parts, body):
    upstream.say(*parts)
    assert (await fetch())[1] == body


async def test_nothing_listens(egress, upstream):
    closed = Request("GET", Origin("http", "127.0.0.1", 1), "/")
    with pytest.raises(UpstreamUnreachable, match="refused"):
        await egress.send(closed, timeout=5)


@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        (b"gzip", gzip.compress),
        (b"X-GZIP", gzip.compress),
        (b"gzip", lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:])),
        (b"deflate", zlib.compress),
        (b"deflate", lambda data: zlib.compress(data)[2:-4]),
        (b"gzip, deflate", lambda data: zlib.compress(gzip.compress(data))),
        (b"identity", bytes),
    ],
)
async def test_content_codings_are_undone(fetch, upstream, coding, encode):
    body = b"hello " * 50_000
    upstream.say(HEAD + b"Content-Encoding: " + coding + b"\r\n\r\n" + encode(body))
    response, received = await fetch()
    assert received == body
    assert response.header("content-encoding") in (None, "identity")


async def test_keep_alive_is_used_and_traced(fetch, upstream):
    upstream.say(OK, close=False)
    first, second = Trace(), Trace(connect_seconds=9.0)
    await fetch(trace=first)
    await fetch(trace=second)
    assert upstream.connections == 1
    assert (first.reused, second.reused) == (False, True)
    assert first.address == second.address == "127.0.0.1"
    assert first.connect_seconds is not None and second.connect_seconds is None


async def test_the_trace_tells_how_far_a_failing_exchange_came(fetch, upstream):
    upstream.say(60.0)
    trace = Trace()
    with pytest.raises(UpstreamTimeout):
        await fetch(timeout=0.3, trace=trace)
    assert (trace.address, trace.reused, trace.head_seconds) == ("127.0.0.1", False, None)
    assert trace.connect_seconds is not None


@pytest.mark.parametrize(
    ("method", "warm", "answer", "times"),
    [
        ("GET", True, [], 2),
        ("PUT", True, [], 2),
        ("POST", True, [], 1),
        ("PATCH", True, [], 1),
        ("GET", True, [b"HTTP/1.1 200 OK\r\nX: "], 1),
        ("GET", False, [], 1),
        ("DELETE", False, [], 1),
    ],
)
async def test_how_often_a_request_is_sent_when_its_connection_ends(
    fetch, upstream, method, warm, answer, times
):
    """Again only on a kept connection that ended in silence, and only what may be repeated."""
    if warm:
        upstream.say(OK, close=False)
        await fetch(target="/first")
    upstream.say(*answer)  # reads the request, answers no more than this and closes
    with pytest.raises(UpstreamProtocolError, match="closed the connection"):
        await fetch(method, target="/second", body=b"x")
    assert sum(b" /second " in head for head in upstream.heads) == times


async def test_a_request_on_a_connection_that_was_just_closed_gets_its_answer(fetch, upstream):
    upstream.say(OK, close=False)
    await fetch()
    kept = []

    async def script(head, reader, writer):
        kept.append(writer)
        if len(kept) > 1:
            writer.write(OK)
        writer.close()

    upstream.script = script
    trace = Trace()
    assert (await fetch(trace=trace))[1] == b"ok"
    assert trace.reused is False and trace.connect_seconds is not None


async def test_environment_proxies_are_ignored(fetch, upstream, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    upstream.say(OK)
    assert (await fetch())[1] == b"ok"
