"""How fast a request and its reply may go, and what happens when one side goes away."""

import asyncio
import socket
import threading

import pytest

from .applications import GET, length, pieces, posting, whole
from .running import body, reply

MUCH = 32 * 1024 * 1024
"""More than the buffers of two sockets hold."""


# -- neither side faster than the other ---------------------------------------------------------------


def test_a_sender_waits_for_a_slow_application(serve):
    go, sizes = threading.Event(), []

    async def app(scope, receive, send):
        await asyncio.to_thread(go.wait)
        more = True
        while more:
            message = await receive()
            sizes.append(len(message["body"]))
            more = message["more_body"]
        await reply(send)

    server = serve(app)
    with server.call(posting(MUCH)) as caller:
        caller.socket.setblocking(False)
        sent = pushed(caller.socket, bytes(MUCH))
        assert sent < MUCH
        (connection,) = server.listening._open
        assert connection._current.size < 1024 * 1024
        go.set()
        caller.socket.settimeout(10)
        caller.send(bytes(MUCH - sent))
        assert caller.answer().status == 200
    assert sum(sizes) == MUCH


def test_an_application_waits_for_a_slow_reader(serve):
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": length(MUCH)})
        for _ in range(MUCH // 65536):
            await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
            sent.append(65536)
        await send({"type": "http.response.body"})

    server = serve(app)
    with server.call(GET) as caller:
        caller.head()
        rests(sent)
        assert sum(sent) < MUCH
        assert len(caller.take(MUCH)) == MUCH


def rests(grown, seconds=0.3):
    """Wait until a list has stopped to grow."""
    size = -1
    while size != len(grown):
        size = len(grown)
        threading.Event().wait(seconds)


def pushed(connection, raw):
    """Send until nothing more is taken. Returns how many bytes were."""
    sent, refused = 0, 0
    while refused < 3 and sent < len(raw):
        try:
            sent += connection.send(raw[sent : sent + 1_000_000])
            refused = 0
        except BlockingIOError:
            refused += 1
            threading.Event().wait(0.1)
    return sent


def test_one_request_that_ends_does_not_let_in_a_flood(serve):
    """Requests that came while one is going on wait in the socket, not here."""
    go, answered = threading.Semaphore(0), []

    async def app(scope, receive, send):
        await asyncio.to_thread(go.acquire)
        await reply(send)
        answered.append(1)

    server = serve(app)
    with server.call() as caller:
        caller.socket.setblocking(False)
        raw, sent, seen = GET * (MUCH // len(GET)), 0, []
        for _ in range(5):
            sent += pushed(caller.socket, raw[sent:])
            (connection,) = server.listening._open
            seen.append(len(connection._waiting))
            go.release()
            rests(answered, 0.1)
        assert sent < MUCH and seen == sorted(seen, reverse=True)
        server.loop.call_soon_threadsafe(connection.abort)
        go.release()


def test_a_refusal_reaches_a_sender_who_is_still_sending(serve):
    async def app(scope, receive, send):
        await receive()
        await reply(send, 413, b"too large")

    with serve(app).call(posting(MUCH)) as caller:
        sending = threading.Thread(target=all_sent, args=(caller.socket, bytes(MUCH)))
        sending.start()
        answer = caller.answer()
        assert (answer.status, answer.body) == (413, b"too large")
        assert answer.fields["connection"] == "close"
        assert caller.rest() == b""
        sending.join()


def all_sent(connection, raw):
    connection.sendall(raw)


# -- who goes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("app", [whole(content=b"hello"), pieces(b"he", b"llo")], ids=["whole", "in pieces"])
def test_a_reply_reaches_a_caller_who_sends_no_more(serve, app):
    with serve(app).call(GET + GET) as caller:
        caller.socket.shutdown(socket.SHUT_WR)
        assert [caller.answer().body for _ in range(2)] == [b"hello", b"hello"]
        assert caller.rest() == b""


def test_an_application_learns_that_its_caller_went(serve):
    seen, began, done = [], threading.Event(), threading.Event()

    async def app(scope, receive, send):
        seen.append((await receive())["type"])
        began.set()
        seen.append((await receive())["type"])
        await reply(send)  # to nobody
        done.set()

    with serve(app).call(GET):
        assert began.wait(10)
    assert done.wait(10)
    assert seen == ["http.request", "http.disconnect"]


def test_an_application_learns_that_a_body_will_not_come(serve):
    seen, done = [], threading.Event()

    async def app(scope, receive, send):
        seen.append(await body(receive))
        done.set()

    with serve(app).call(posting(10) + b"hello"):
        pass
    assert done.wait(10)
    assert seen == [None]


def test_every_receive_ends(serve):
    """Also those that wait side by side, and those that outlive the reply."""
    types, done = [], threading.Event()

    async def app(scope, receive, send):
        await body(receive)

        async def listen():
            types.append((await receive())["type"])
            if len(types) == 2:
                done.set()

        app.tasks = [asyncio.create_task(listen()) for _ in range(2)]
        await asyncio.sleep(0)
        await reply(send)

    with serve(app).call(GET) as caller:
        assert caller.answer().status == 200
        assert done.wait(10)
        assert types == ["http.disconnect"] * 2
        caller.send(GET)
        assert caller.answer().status == 200


def test_a_cancelled_send_does_not_spoil_the_next(serve):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": length(MUCH + 5)})
        try:
            async with asyncio.timeout(0.1):
                await send({"type": "http.response.body", "body": bytes(MUCH), "more_body": True})
        except TimeoutError:
            await send({"type": "http.response.body", "body": b"hello"})

    with serve(app).call(GET) as caller:
        caller.head()
        threading.Event().wait(0.3)
        assert caller.take(MUCH + 5).endswith(b"hello")
