"""Which connection an exchange gets, within limits, and what ends a connection."""

import asyncio

import pytest

from sealgate.egress import Allowance, Egress, Trace, pool
from sealgate.errors import UpstreamProtocolError, UpstreamTimeout, UpstreamUnreachable
from sealgate.message import Request
from sealgate.testing.raw import RawUpstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Gate:
    """An upstream that answers a request when the test says so, in any order."""

    def __init__(self, upstream):
        self.upstream = upstream
        self.order = []
        self.answers = {}
        self._came = asyncio.Event()
        upstream.script = self._script

    async def _script(self, head, reader, writer):
        target = head.split()[1].decode()
        self.order.append(target)
        self._came.set()
        await self.answers.setdefault(target, asyncio.Event()).wait()
        writer.write(OK)

    def answer(self, *targets):
        for target in targets:
            self.answers.setdefault(target, asyncio.Event()).set()

    async def received(self, count):
        async with asyncio.timeout(5):
            while len(self.order) < count:
                await self._came.wait()
                self._came.clear()


@pytest.fixture
async def limited():
    """A client with few places, whose books must balance at the end."""
    clients = []

    def make(**limits):
        clients.append(Egress(allow=Allowance.parse(["http://127.0.0.1:*"]), **limits))
        return clients[-1]

    yield make
    for client in clients:
        await client.close()
        pools = client._pools
        assert not pools._open and not pools._placed and not pools._idle and not pools._line
        assert pools._places == 0 and pools._pools == {}


def sending(client, upstream, target, timeout=5.0):
    async def send():
        response = await client.send(Request("GET", upstream.origin, target), timeout=timeout)
        return await response.read()

    return asyncio.create_task(send())


async def test_waiters_of_a_full_origin_are_served_in_order(limited, upstream):
    client, gate = limited(max_per_origin=2), Gate(upstream)
    tasks = []
    for number in range(6):
        tasks.append(sending(client, upstream, f"/{number}"))
        await asyncio.sleep(0)
    await gate.received(2)
    gate.answer(*(f"/{number}" for number in range(6)))
    assert await asyncio.gather(*tasks) == [b"ok"] * 6
    assert gate.order == [f"/{number}" for number in range(6)] and upstream.connections == 2


async def test_a_full_origin_does_not_hold_up_another(limited, upstream):
    client, gate = limited(max_per_origin=1), Gate(upstream)
    held, waiting = sending(client, upstream, "/a"), sending(client, upstream, "/b")
    await gate.received(1)
    async with RawUpstream() as other:
        other.say(OK)
        assert await sending(client, other, "/") == b"ok"
    gate.answer("/a", "/b")
    assert await asyncio.gather(held, waiting) == [b"ok", b"ok"]


async def test_when_all_is_full_a_resting_connection_makes_room(limited, upstream):
    client, gate = limited(max_connections=1), Gate(upstream)
    gate.answer("/a", "/b")
    async with RawUpstream() as other:
        other.say(OK, close=False)
        for server, target in ((upstream, "/a"), (other, "/"), (upstream, "/b")):
            assert await sending(client, server, target) == b"ok"
        assert (upstream.connections, other.connections) == (2, 1)


async def test_the_line_of_all_goes_on_when_a_waiter_of_it_gives_up(limited, upstream):
    """One place in all: held by the first origin, for which two wait; then the other origin has a turn."""
    client, gate = limited(max_connections=1, max_per_origin=1), Gate(upstream)
    async with RawUpstream() as other:
        other_gate = Gate(other)
        first = sending(client, upstream, "/1")
        await gate.received(1)
        second, third = sending(client, upstream, "/2"), sending(client, upstream, "/3")
        await asyncio.sleep(0)
        elsewhere = sending(client, other, "/x")
        await asyncio.sleep(0)
        gate.answer("/1")
        assert await first == b"ok"
        await other_gate.received(1)
        second.cancel()
        other_gate.answer("/x")
        gate.answer("/2", "/3")
        assert await elsewhere == b"ok" and await third == b"ok"
        assert second.cancelled() or await second == b"ok"


async def test_waiting_for_a_place_counts_into_the_timeout(limited, upstream):
    client, gate = limited(max_per_origin=1), Gate(upstream)
    held = sending(client, upstream, "/a")
    await gate.received(1)
    with pytest.raises(UpstreamTimeout, match="within 0"):
        await sending(client, upstream, "/b", timeout=0.1)
    gate.answer("/a")
    assert await held == b"ok"


async def test_a_place_given_to_a_waiter_that_goes_is_passed_on(limited, upstream):
    client, gate = limited(max_per_origin=1), Gate(upstream)
    held = sending(client, upstream, "/a")
    await gate.received(1)
    goes, stays = sending(client, upstream, "/b"), sending(client, upstream, "/c")
    await asyncio.sleep(0)
    gate.answer("/a", "/c")
    await held  # the turn of /b has just come
    goes.cancel()
    assert await stays == b"ok"


async def test_many_in_a_hurry_lose_no_place(limited, upstream):
    client, gate = limited(max_connections=4, max_per_origin=3), Gate(upstream)
    tasks = [sending(client, upstream, f"/{number}", timeout=0.2) for number in range(60)]
    await gate.received(3)
    for task in tasks[::3]:
        task.cancel()
    gate.answer(*(f"/{number}" for number in range(0, 60, 2)))
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(result) for result in results} <= {bytes, UpstreamTimeout, asyncio.CancelledError}
    gate.answer(*(f"/{number}" for number in range(200)))
    again = [sending(client, upstream, f"/{number}") for number in range(100, 110)]
    assert await asyncio.gather(*again) == [b"ok"] * 10


async def test_closing_ends_exchanges_and_sends_waiters_away(limited, upstream):
    client, gate = limited(max_per_origin=1), Gate(upstream)
    tasks = [sending(client, upstream, f"/{number}") for number in range(3)]
    await gate.received(1)
    await client.close()
    for task in tasks:
        with pytest.raises(UpstreamUnreachable, match="stopping"):
            await task
    with pytest.raises(UpstreamUnreachable, match="stopping"):
        await sending(client, upstream, "/after")


async def test_the_connection_that_rested_shortest_is_used_first(limited, upstream):
    client, gate = limited(), Gate(upstream)
    first, second = sending(client, upstream, "/1"), sending(client, upstream, "/2")
    await gate.received(2)
    gate.answer("/1")
    await first
    gate.answer("/2")
    await second
    last = list(client._pools._idle)[-1]
    gate.answer("/3")
    await sending(client, upstream, "/3")
    assert list(client._pools._idle)[-1] is last and upstream.connections == 2


async def test_a_connection_rests_only_so_long(limited, upstream, monkeypatch):
    monkeypatch.setattr(pool, "KEEP_ALIVE_SECONDS", 0.1)
    client = limited()
    ended = asyncio.get_running_loop().create_future()

    async def script(head, reader, writer):
        writer.write(OK)
        if not ended.done():
            ended.set_result(await reader.read())
        writer.close()

    upstream.script = script
    assert await sending(client, upstream, "/") == b"ok"
    assert await asyncio.wait_for(ended, 5) == b""
    assert not client._pools._placed
    assert await sending(client, upstream, "/") == b"ok"
    assert upstream.connections == 2


@pytest.mark.parametrize("unasked", [b"x", b"\r\n", OK, b"HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n"])
async def test_bytes_that_nobody_asked_for_end_a_resting_connection(limited, upstream, unasked):
    client = limited()
    ended, rests = asyncio.get_running_loop().create_future(), asyncio.Event()

    async def script(head, reader, writer):
        writer.write(OK)
        await writer.drain()
        if not ended.done():
            await rests.wait()
            writer.write(unasked)
            ended.set_result(await reader.read())
        writer.close()

    upstream.script = script
    assert await sending(client, upstream, "/") == b"ok"
    rests.set()
    assert await asyncio.wait_for(ended, 5) == b""
    assert await sending(client, upstream, "/") == b"ok"
    assert upstream.connections == 2


@pytest.mark.parametrize(
    "raw",
    [
        OK + b"surplus",
        OK + OK,
        OK + b"\r\n",
        OK + b"\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
)
async def test_a_connection_is_not_used_after_an_end_that_is_not_clean(limited, upstream, raw):
    client = limited()
    upstream.say(raw, close=False)
    for _ in range(2):
        assert await sending(client, upstream, "/") == b"ok"
    assert upstream.connections == 2


async def test_line_breaks_that_meet_the_next_request_are_not_taken_for_its_reply(limited, upstream):
    """They came too late to close the resting connection: the request's own reply is not looked for behind
    them (RFC 9112 section 9.2), and nothing of it reaches the request after that."""
    client = limited()
    upstream.say(OK, close=False)
    assert await sending(client, upstream, "/1") == b"ok"
    upstream.say(b"\r\n" + OK, close=False)
    with pytest.raises(UpstreamProtocolError, match="not valid HTTP"):
        await sending(client, upstream, "/2")
    upstream.say(OK, close=False)
    assert await sending(client, upstream, "/3") == b"ok" and upstream.connections == 2


@pytest.mark.parametrize("part", [b"", b"HTTP/1.1 200 OK\r\n", OK[:-1]])
async def test_a_caller_that_goes_takes_its_connection_along(limited, upstream, part):
    client = limited()
    came, ended = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def script(head, reader, writer):
        writer.write(part)
        came.set()
        ended.set_result(await reader.read())
        writer.close()

    upstream.script = script
    task = sending(client, upstream, "/")
    await asyncio.wait_for(came.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.wait_for(ended, 5) == b""
    upstream.say(OK)
    assert await sending(client, upstream, "/") == b"ok"
    assert upstream.connections == 2


async def test_a_response_that_is_closed_early_closes_its_connection(limited, upstream):
    client = limited()
    ended = asyncio.get_running_loop().create_future()

    async def script(head, reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        ended.set_result(await reader.read())

    upstream.script = script
    response = await client.send(Request("GET", upstream.origin, "/"), timeout=5)
    await response.close()
    assert await asyncio.wait_for(ended, 5) == b""


async def test_after_a_restart_of_the_api_a_new_connection_is_tried_at_once(limited, upstream):
    """All kept connections are stale; one of them must not stand in for the second try."""
    client, gate = limited(), Gate(upstream)
    tasks = [sending(client, upstream, f"/{number}") for number in range(3)]
    await gate.received(3)
    gate.answer("/0", "/1", "/2")
    await asyncio.gather(*tasks)
    seen = []

    async def script(head, reader, writer):
        seen.append(writer)
        if len(seen) > 1:
            writer.write(OK)
        writer.close()

    upstream.script = script
    trace = Trace()
    response = await client.send(Request("GET", upstream.origin, "/"), timeout=5, trace=trace)
    assert await response.read() == b"ok" and len(seen) == 2 and trace.reused is False


async def test_a_streamed_body_waits_for_an_api_that_reads_slowly(limited, upstream):
    client, sent = limited(), 0
    go_on = asyncio.Event()

    async def chunks():
        nonlocal sent
        for _ in range(512):
            sent += 65536
            yield b"x" * 65536

    async def script(head, reader, writer):
        await go_on.wait()
        received = 0
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
            received += size
        await reader.readline()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n%08d" % received)

    upstream.script = script
    task = asyncio.create_task(client.send(Request("POST", upstream.origin, "/", body=chunks()), timeout=10))
    await asyncio.sleep(0.3)
    held_at = sent
    await asyncio.sleep(0.2)
    assert sent == held_at < 512 * 65536
    go_on.set()
    assert int(await (await task).read()) == 512 * 65536


async def test_a_body_is_no_longer_asked_for_when_the_connection_is_gone(limited, upstream):
    client, ended = limited(), asyncio.Event()

    async def chunks():
        try:
            yield b"x"
            await asyncio.sleep(60)
        finally:
            ended.set()

    upstream.say()
    with pytest.raises(UpstreamProtocolError, match="without an answer"):
        await client.send(Request("POST", upstream.origin, "/", body=chunks()), timeout=5)
    await asyncio.wait_for(ended.wait(), 5)
