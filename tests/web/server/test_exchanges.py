"""How requests and replies go on: what ends a connection, who waits for whom, what an application may do."""

import asyncio
import socket
import threading

import pytest
from structlog.testing import capture_logs

from sealgate.web.server import ReplyBroken

from .running import Broken, body, reply

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
OLD = b"GET / HTTP/1.0\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
EXPECTING = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
MUCH = 32 * 1024 * 1024
"""More than the buffers of two sockets hold."""


def posting(size):
    return b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size


def whole(status=200, content=b"", fields=()):
    async def app(scope, receive, send):
        await body(receive)
        await reply(send, status, content, fields)

    return app


def pieces(*parts, fields=(), status=200):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": fields})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})

    return app


def length(size):
    return [(b"content-length", b"%d" % size)]


# -- framing of replies ------------------------------------------------------------------------------


FRAMED = {
    "whole": (whole(content=b"hello"), GET, {"content-length": "5"}, b"hello"),
    "empty": (whole(), GET, {"content-length": "0"}, b""),
    "in pieces": (pieces(b"he", b"", b"llo"), GET, {"transfer-encoding": "chunked"}, b"hello"),
    "no piece": (pieces(), GET, {"content-length": "0"}, b""),
    "in pieces of a length": (
        pieces(b"he", b"llo", fields=length(5)),
        GET,
        {"content-length": "5"},
        b"hello",
    ),
    "whole to HEAD": (whole(content=b"hello"), HEAD, {"content-length": "5"}, b""),
    "nothing to HEAD": (whole(), HEAD, {}, b""),
    "in pieces to HEAD": (pieces(b"he", b"llo"), HEAD, {}, b""),
    "a length to HEAD": (whole(content=b"hello", fields=length(5)), HEAD, {"content-length": "5"}, b""),
    "204": (whole(204, b"hello"), GET, {}, b""),
    "204 with a length": (whole(204, fields=length(0)), GET, {}, b""),
    "204 in pieces": (pieces(b"hello", status=204), GET, {}, b""),
    "304": (whole(304), GET, {}, b""),
    "304 with a length": (whole(304, fields=length(5)), GET, {"content-length": "5"}, b""),
    "a status without a name": (whole(599, b"x"), GET, {"content-length": "1"}, b"x"),
}


@pytest.mark.parametrize("app, raw, framing, content", FRAMED.values(), ids=FRAMED)
def test_framing(serve, app, raw, framing, content):
    with serve(app).call(raw) as caller:
        answer = caller.answer(bodiless=raw is HEAD)
        assert answer.body == content
        shown = {name: value for name, value in answer.fields.items() if name != "date"}
        assert shown == framing
        assert "date" in answer.fields
        caller.send(GET)
        assert caller.answer().status == answer.status


@pytest.mark.parametrize("app", [whole(content=b"hello"), pieces(b"he", b"llo")], ids=["whole", "in pieces"])
def test_http_1_0_gets_no_chunks_and_the_end_of_the_connection(serve, app):
    with serve(app).call(OLD) as caller:
        answer = caller.answer()
        assert answer.body == b"hello"
        assert answer.fields["connection"] == "close" and "transfer-encoding" not in answer.fields
        assert caller.rest() == b""


def test_a_date_of_the_application_is_kept(serve):
    with serve(whole(fields=[(b"date", b"Mon, 01 Jan 2024 00:00:00 GMT")])).call(GET) as caller:
        assert caller.answer().fields["date"] == "Mon, 01 Jan 2024 00:00:00 GMT"


# -- what an application may not do ------------------------------------------------------------------


async def failing(scope, receive, send):
    raise RuntimeError("no")


async def silent(scope, receive, send):
    pass


async def begun(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError("no")


NO_REPLY = {
    "an error": failing,
    "no reply": silent,
    "an error after a head that was not sent": begun,
    "a line break in a value": whole(fields=[(b"x", b"a\r\nset-cookie: b")]),
    "CR in a value": whole(fields=[(b"x", b"a\rb")]),
    "LF in a name": whole(fields=[(b"x\ny", b"a")]),
    "a coding": whole(fields=[(b"transfer-encoding", b"chunked")]),
    "a connection field": whole(fields=[(b"connection", b"keep-alive")]),
    "two lengths": whole(fields=[*length(0), *length(0)]),
    "a length that is none": whole(fields=[(b"content-length", b"many")]),
    "a body longer than its length": whole(content=b"hello", fields=length(4)),
    "a body shorter than its length": whole(content=b"hello", fields=length(6)),
    "an interim status": whole(101),
    "a status beyond three digits": whole(1000),
}


@pytest.mark.parametrize("app", NO_REPLY.values(), ids=NO_REPLY)
def test_answered_with_500_and_the_connection_goes_on(serve, app):
    with serve(app).call(GET) as caller, capture_logs() as logs:
        for _ in range(2):
            answer = caller.answer()
            assert answer.status == 500 and answer.body == b""
            assert "set-cookie" not in answer.fields
            caller.send(GET)
        caller.answer()
    assert {entry["event"] for entry in logs} <= {"application_failed"}


def breaking(fields=(), error=ReplyBroken):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        await send({"type": "http.response.body", "body": b"hel", "more_body": True})
        if error is not None:
            raise error

    return app


async def cancelled(scope, receive, send):
    raise asyncio.CancelledError


NEVER_WHOLE = {
    "chunks": (breaking(), GET),
    "a length": (breaking(length(5)), GET),
    "only the end": (breaking(), OLD),
    "an error in chunks": (breaking(error=RuntimeError), GET),
    "an error before the end": (breaking(error=RuntimeError), OLD),
    "chunks that the application leaves": (breaking(error=None), GET),
    "a length that the application leaves": (breaking(length(5), error=None), GET),
    "a length that the pieces exceed": (pieces(b"he", b"llo!", fields=length(5)), GET),
    "a length that the pieces do not reach": (pieces(b"he", b"ll", fields=length(5)), GET),
    "an application that is cancelled": (cancelled, GET),
}


@pytest.mark.parametrize("app, raw", NEVER_WHOLE.values(), ids=NEVER_WHOLE)
def test_a_reply_that_breaks_off_ends_in_a_reset(serve, app, raw):
    with serve(app).call(raw) as caller, pytest.raises(Broken):
        caller.rest()


def test_what_comes_after_the_end_of_a_reply_is_no_part_of_the_next(serve):
    refused = []

    async def app(scope, receive, send):
        await reply(send, content=b"whole")
        try:
            await reply(send, content=b"again")
        except RuntimeError as error:
            refused.append(str(error))

    with serve(app).call(GET + GET) as caller:
        assert [caller.answer().body for _ in range(2)] == [b"whole", b"whole"]
        caller.send(GET)
        assert caller.answer().body == b"whole"
    assert refused[:2] == ["the reply has ended"] * 2


# -- Expect: 100-continue (RFC 9110 section 10.1.1) ---------------------------------------------------


def test_continue_is_said_when_the_body_is_wanted(serve):
    with serve(whole()).call(EXPECTING) as caller:
        assert caller.answer().status == 100
        caller.send(b"hello" + GET)
        assert [caller.answer().status for _ in range(2)] == [200, 200]


def test_continue_is_not_said_when_the_reply_is_there(serve):
    with serve(pieces(b"no")).call(EXPECTING) as caller:
        answer = caller.answer()
        assert answer.status == 200 and answer.fields["connection"] == "close"
        assert caller.rest() == b""


@pytest.mark.parametrize(
    "raw",
    [EXPECTING + b"hello", EXPECTING + b"he", EXPECTING.replace(b"HTTP/1.1", b"HTTP/1.0")],
    ids=["the body is there", "a part is there", "HTTP/1.0"],
)
def test_continue_is_not_said_where_nobody_waits_for_it(serve, raw):
    with serve(whole()).call(raw) as caller:
        caller.send(b"hello"[len(raw) - len(EXPECTING) :] if b"1.1" in raw else b"hello")
        assert caller.answer().status == 200


def test_continue_is_not_said_in_the_middle_of_a_reply(serve):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await send({"type": "http.response.body", "body": await body(receive)})

    with serve(app).call(EXPECTING) as caller:
        status, fields = caller.head()
        assert status == 200 and fields["transfer-encoding"] == "chunked"
        caller.send(b"hello")
        assert caller.rest() == b"5\r\nfirst\r\n5\r\nhello\r\n0\r\n\r\n"


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
