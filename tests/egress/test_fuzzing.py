"""Replies nobody has thought of, over real sockets: the client ends in time, with a reply or an error of
Downstream, keeps no connection it should not, and gives no request the reply of another."""

import asyncio

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from sealgate.egress import Allowance, Egress
from sealgate.errors import Downstream
from sealgate.message import Request
from sealgate.testing.raw import RawUpstream

from .test_parsing import wounded

SECOND = b"HTTP/1.1 200 OK\r\nX-Own: yes\r\nContent-Length: 6\r\n\r\nsecond"


@pytest.mark.parametrize(
    "new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
def test_whatever_comes_the_next_request_gets_its_own_reply(new_loop, caplog):
    @given(
        raw=wounded(),
        cut=st.integers(0, 120),
        ends=st.booleans(),
        method=st.sampled_from(["GET", "GET", "HEAD", "POST"]),
    )
    @settings(max_examples=250, deadline=None, database=None)
    def whatever_comes(raw, cut, ends, method):
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(exchange_twice(raw, cut, ends, method))

    whatever_comes()
    assert [record for record in caplog.records if record.name == "asyncio" and record.levelno > 20] == []


async def exchange_twice(raw, cut, ends, method):
    sent = asyncio.Event()

    async def script(head, reader, writer):
        if b" /second " in head:
            writer.write(SECOND)
            return
        try:
            for piece in (raw[:cut], raw[cut:]):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
        finally:  # also when the client has heard enough
            sent.set()
        if ends:
            writer.close()

    client = Egress(allow=Allowance.parse(["http://127.0.0.1:*"]))
    async with RawUpstream() as upstream, asyncio.timeout(10):
        upstream.script = script
        try:
            response = await client.send(Request(method, upstream.origin, "/first"), timeout=0.05)
            assert 200 <= response.status <= 599
            await response.read()
        except Downstream as error:
            assert str(error)
        if upstream.heads:  # on a busy machine the time may be up before the request was sent
            await sent.wait()
        await settled()
        response = await client.send(Request("GET", upstream.origin, "/second"), timeout=5)
        assert (response.status, response.header("x-own"), await response.read()) == (200, "yes", b"second")
        pools = client._pools
        await settled()
        assert len(pools._placed) == len(pools._idle) == 1, "only the clean one is kept"
        await client.close()
        assert not pools._open and not pools._placed and pools._places == 0


async def settled():
    """What is in the sockets of this process has reached both sides."""
    for _ in range(8):
        await asyncio.sleep(0)
