"""Upstreams without manners: each case ends in bounded time and memory, with an error that shows nothing."""

import asyncio
import gzip
import logging
import tracemalloc

import pytest
import uvloop

from sealgate.egress import Allowance, Egress
from sealgate.errors import (
    UpstreamProtocolError,
    UpstreamResponseTooLarge,
    UpstreamTimeout,
)
from sealgate.message import Request
from sealgate.testing.raw import RawUpstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ([], UpstreamProtocolError),
        ([b"HTT"], UpstreamProtocolError),
        ([b"HTTP/1.1 200 OK\r\nContent-Le"], UpstreamProtocolError),
        ([HEAD + b"Content-Length: 10\r\n\r\nabc"], UpstreamProtocolError),
        ([b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"],
         UpstreamProtocolError),
        ([b"HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n"], UpstreamProtocolError),
        ([b"HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n"], UpstreamProtocolError),
        ([HEAD + b"Transfer-Encoding: gzip\r\n\r\n" + gzip.compress(b"a")], UpstreamProtocolError),
        ([HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"], UpstreamProtocolError),
        ([HEAD + b"Content-Length: +2\r\n\r\nok"], UpstreamProtocolError),
        ([HEAD + b"X: a\0b\r\nContent-Length: 0\r\n\r\n"], UpstreamProtocolError),
        ([HEAD + b"X: ", *[b"a" * 60_000] * 50], UpstreamProtocolError),
        ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", *[b"X: y\r\n" * 10_000] * 20],
         UpstreamProtocolError),
        ([b"\x00\x01garbage\r\n\r\n"], UpstreamProtocolError),
        ([b"SSH-2.0-OpenSSH\r\n"], UpstreamProtocolError),
        ([HEAD + b"Content-Length: x\r\n\r\n"], UpstreamProtocolError),
        ([HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"], UpstreamProtocolError),
        ([HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"], UpstreamProtocolError),
        ([HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n"], UpstreamProtocolError),
        ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nab\r\n"], UpstreamProtocolError),
        ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"], UpstreamProtocolError),
        ([HEAD + b"X: " + b"a" * 100_000 + b"\r\n\r\n"], UpstreamProtocolError),
        ([HEAD + b"X: y\r\n" * 1000 + b"\r\n"], UpstreamProtocolError),
        ([HEAD + b"Content-Encoding: gzip\r\n\r\nnot gzip"], UpstreamProtocolError),
        ([HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"a" * 99)[:-9]], UpstreamProtocolError),
        ([HEAD + b"Content-Encoding: br\r\n\r\nx"], UpstreamProtocolError),
        ([HEAD + b"Content-Encoding: gzip, gzip, gzip\r\n\r\nx"], UpstreamProtocolError),
        ([HEAD + b"Content-Length: 3000\r\n\r\n"], UpstreamResponseTooLarge),
        ([HEAD + b"\r\n" + b"a" * 3000], UpstreamResponseTooLarge),
        ([2.0, OK], UpstreamTimeout),
        ([HEAD, 2.0, b"\r\n"], UpstreamTimeout),
        ([HEAD + b"Content-Length: 5\r\n\r\nab", 2.0, b"cde"], UpstreamTimeout),
        ([byte for letter in b"HTTP/1.1 200 OK" for byte in (bytes([letter]), 0.2)], UpstreamTimeout),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
def test_an_upstream_without_manners(parts, error, new_loop, caplog):
    """On both event loops: the data plane runs on uvloop, the command line on asyncio."""
    logged = []

    async def call():
        client = Egress(allow=Allowance.parse(["http://127.0.0.1:*"]))
        async with RawUpstream() as upstream, asyncio.timeout(20):
            upstream.say(*parts)
            request = Request("GET", upstream.origin, "/?secret-in-the-query")
            try:
                await (await client.send(request, timeout=0.5, max_body=2000)).read()
            finally:
                await client.close()
                logged.extend(record for record in caplog.records if record.levelno > logging.INFO)

    with asyncio.Runner(loop_factory=new_loop) as runner, pytest.raises(error) as caught:
        runner.run(call())
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert logged == []


async def test_a_gzip_bomb_costs_no_memory(fetch, upstream):
    bomb = gzip.compress(b"\0" * 64 * 1024 * 1024) * 16
    upstream.say(HEAD + b"Content-Encoding: gzip\r\n\r\n" + bomb)
    tracemalloc.start()
    with pytest.raises(UpstreamResponseTooLarge):
        await fetch(max_body=10 * 1024 * 1024)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * 1024 * 1024
