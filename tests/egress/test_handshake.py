"""The trace tells the TLS handshake apart from the rest of connecting, by either way and on either loop."""

import asyncio
import ipaddress
import socket

import pytest
import uvloop

from sealgate.egress import Allowance, Egress, Trace
from sealgate.egress.proxy import Proxy
from sealgate.message import Origin, Request
from sealgate.testing import Authority, ConnectProxy
from sealgate.testing.raw import RawUpstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SLOW = 0.2


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


async def slowly_resolved(host, port):
    await asyncio.sleep(SLOW)
    return [ipaddress.ip_address("127.0.0.1")]


async def two_calls(authority, scheme, proxy):
    """The traces of a call on a new connection and of one on the same connection, kept."""
    egress = Egress(
        allow=Allowance.parse(["http://api.example:*", "https://api.example:*", "127.0.0.0/8"]),
        ca_file=authority.ca_file,
        resolve=slowly_resolved,
        proxy=proxy,
    )
    first, second = Trace(), Trace()
    async with RawUpstream(authority.server("api.example") if scheme == "https" else None) as server:
        for trace in (first, second):
            server.say(OK, close=False)
            request = Request("GET", Origin(scheme, "api.example", server.port), "/")
            response = await egress.send(request, timeout=5, trace=trace)
            assert await response.read() == b"ok"
        await egress.close()
    return first, second


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("by_proxy", [False, True])
def test_the_handshake_is_a_part_of_connecting(authority, new_loop, scheme, by_proxy):
    with ConnectProxy() as proxy, asyncio.Runner(loop_factory=new_loop) as runner:
        way = Proxy.parse(proxy.url) if by_proxy else None
        first, second = runner.run(two_calls(authority, scheme, way))
    assert (first.reused, second.reused, second.tls_seconds) == (False, True, None)
    if scheme == "http":
        assert first.tls_seconds is None
    else:
        assert 0 < first.tls_seconds <= first.connect_seconds - SLOW


def test_a_server_that_shakes_hands_late_is_seen_in_the_handshake(authority):
    """The system takes its connections at once; it begins to speak TLS only after a while."""

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)

    async def serve(listening):
        await asyncio.sleep(SLOW)
        return await asyncio.start_server(answer, sock=listening, ssl=authority.server("127.0.0.1"))

    async def call(trace):
        egress = Egress(allow=Allowance.parse(["https://127.0.0.1:*"]), ca_file=authority.ca_file)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            serving = asyncio.create_task(serve(listening))
            origin = Origin("https", "127.0.0.1", listening.getsockname()[1])
            response = await egress.send(Request("GET", origin, "/"), timeout=5, trace=trace)
            assert await response.read() == b"ok"
            (await serving).close()
        await egress.close()

    trace = Trace()
    asyncio.run(call(trace))
    assert SLOW * 0.9 <= trace.tls_seconds <= trace.connect_seconds
