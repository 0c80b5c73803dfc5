"""How connections end: by time, by number, and when the server does."""

import asyncio
import select
import socket
import threading
import time

import pytest

from sealgate.web.server import Patience

from .running import PATIENT, Broken, body, reply

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"
SOON = 0.2
MUCH = 32 * 1024 * 1024


def patience(**soon):
    """All but these last longer than the test."""
    return Patience(
        **{name: soon.get(name, getattr(PATIENT, name)) for name in ("head", "idle", "stalled", "linger")}
    )


async def much(scope, receive, send):
    await body(receive)
    await reply(send, content=bytes(MUCH))


class Held:
    """An application whose requests end when the test lets them."""

    def __init__(self):
        self.begun = threading.Semaphore(0)
        self.ended = []
        self._go = None

    async def __call__(self, scope, receive, send):
        if self._go is None:
            self._go, self._loop = asyncio.Event(), asyncio.get_running_loop()
        self.begun.release()
        try:
            await self._go.wait()
            await reply(send, content=b"done")
            self.ended.append("answered")
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise

    def wait(self):
        assert self.begun.acquire(timeout=10)

    def go(self):
        self._loop.call_soon_threadsafe(self._go.set)


# -- time ---------------------------------------------------------------------------------------------


HALF_HEADS = {
    "in the first line": b"GET / HT",
    "in a field": b"GET / HTTP/1.1\r\nHost: a\r\nX",
    "after a request": GET + b"GET",
    "after an empty line": b"\r\nG",
}


@pytest.mark.parametrize("raw", HALF_HEADS.values(), ids=HALF_HEADS)
def test_a_head_that_does_not_arrive(serve, raw):
    with serve(patience=patience(head=SOON)).call(raw) as caller:
        assert caller.statuses()[-1] == 408


def test_a_head_that_trickles_in(serve):
    with serve(patience=patience(head=SOON)).call() as caller:
        for byte in b"GET / HTTP/1.1\r\nX: " + b"a" * 5000:
            caller.send(bytes([byte]))
            if select.select([caller.socket], [], [], 0.01)[0]:
                break
        assert caller.answer().status == 408


@pytest.mark.parametrize("raw", [b"", b"\r\n"], ids=["nothing", "an empty line"])
def test_a_connection_on_which_nothing_comes(serve, raw):
    with serve(patience=patience(head=SOON)).call(raw) as caller:
        assert caller.rest() == b""


def test_a_connection_that_rests(serve):
    with serve(patience=patience(idle=SOON)).call(GET + GET) as caller:
        assert [caller.answer().status for _ in range(2)] == [200, 200]
        assert caller.rest() == b""


def test_a_request_that_takes_its_time_is_not_disturbed(serve):
    async def slow(scope, receive, send):
        await asyncio.sleep(4 * SOON)
        await reply(send)

    short = Patience(head=SOON, idle=SOON, stalled=SOON, linger=SOON)
    with serve(slow, patience=short).call(GET) as caller:
        assert caller.answer().status == 200


def test_a_body_that_stops(serve):
    with serve(patience=patience(stalled=SOON)).call(POST + b"hello") as caller:
        assert caller.statuses() == [400]


def test_a_body_that_trickles_in_is_waited_for(serve):
    with serve(patience=patience(stalled=8 * SOON)).call(POST) as caller:
        for byte in b"helloworld":
            caller.send(bytes([byte]))
            time.sleep(SOON)
        assert caller.answer().body.split(b"\n")[2] == b"helloworld"


@pytest.mark.parametrize(
    "raw", [GET, GET.replace(b"Host", b"Connection: close\r\nHost")], ids=["kept", "closed"]
)
def test_a_reader_who_stalls(serve, raw):
    server = serve(much, patience=patience(stalled=SOON))
    with server.call(raw) as caller:
        assert caller.head()[0] == 200
        server.emptied()
        with pytest.raises(Broken):
            caller.rest()


def test_a_reader_who_stalls_before_the_last_bytes(serve):
    """What is left fits into the buffer, so that the application is done."""

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": bytes(MUCH), "more_body": True})
        await send({"type": "http.response.body", "body": bytes(60_000)})

    for raw in (GET, b"GET / HTTP/1.0\r\n\r\n"):
        server = serve(app, patience=patience(stalled=5 * SOON))
        with server.call(raw) as caller:
            caller.take(MUCH // 2)
            server.emptied()
            with pytest.raises(Broken):
                caller.rest()


def test_a_slow_reader_who_goes_on_gets_everything(serve):
    with serve(much, patience=patience(stalled=10 * SOON)).call(GET) as caller:
        caller.head()
        for _ in range(16):
            caller.take(MUCH // 16)
            time.sleep(SOON)


def test_a_closed_connection_still_delivers_what_was_written(serve):
    async def app(scope, receive, send):
        await reply(send, content=bytes(500_000))

    server = serve(app, patience=patience(linger=SOON))
    for raw in (GET.replace(b"Host", b"Connection: close\r\nHost"), POST):
        with server.call(raw) as caller:
            caller.head()
            server.emptied()
            assert len(caller.rest()) == 500_000


def test_a_sender_who_does_not_stop_is_left(serve):
    async def refuse(scope, receive, send):
        await reply(send, 413)

    server = serve(refuse, patience=patience(linger=SOON))
    with server.call(POST) as caller:
        assert caller.answer().status == 413
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            for _ in range(500):
                caller.send(b"a")
                time.sleep(0.01)


# -- number -------------------------------------------------------------------------------------------


def test_more_connections_than_there_may_be(serve):
    server = serve(most=2)
    with server.call(GET) as first, server.call(GET) as second:
        assert first.answer().status == second.answer().status == 200
        with server.call(GET) as third:
            answer = third.answer()
            assert answer.status == 503 and b"OVERLOADED" in answer.body
            assert third.rest() == b""
        assert first.alive()
    server.emptied()
    with server.call(GET) as caller:
        assert caller.answer().status == 200


def test_a_call_counts_until_it_ends_also_when_its_caller_left(serve):
    held = Held()
    server = serve(held, most=1)
    with server.call(GET):
        held.wait()
    with server.call(GET) as caller:
        assert caller.answer().status == 503
    held.go()
    server.emptied()


# -- the end ------------------------------------------------------------------------------------------


def test_the_end_lets_requests_finish_and_closes_the_others(serve):
    held = Held()
    server = serve(held)
    with server.call() as idle, server.call(GET) as busy, server.call(b"GET / HT") as arriving:
        held.wait()
        ending = server.end(20)
        assert idle.rest() == b""
        assert not ending.done()
        held.go()
        answer = busy.answer()
        assert (answer.status, answer.body) == (200, b"done")
        assert answer.fields["connection"] == "close"
        assert busy.rest() == b""
        arriving.send(b"TP/1.1\r\nHost: a\r\n\r\n")
        assert arriving.statuses() == [200]
    ending.result(10)
    with pytest.raises(ConnectionRefusedError):
        server.call()


def test_the_end_comes_even_if_a_request_does_not_finish(serve):
    held = Held()
    server = serve(held)
    with server.call(GET) as caller:
        held.wait()
        server.end(SOON).result(10)
        assert held.ended == ["cancelled"]
        with pytest.raises(Broken):
            caller.rest()


def test_the_end_waits_for_calls_whose_callers_left(serve):
    held = Held()
    server = serve(held)
    with server.call(GET):
        held.wait()
    ending = server.end(20)
    held.go()
    ending.result(10)
    assert held.ended == ["answered"]


def test_the_end_without_connections(serve):
    serve().end(20).result(10)


def test_a_refusal_reaches_a_caller_who_sends_no_more(serve):
    with serve().call(b"garbage\r\n\r\n") as caller:
        caller.socket.shutdown(socket.SHUT_WR)
        assert caller.statuses() == [400]
