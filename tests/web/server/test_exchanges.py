"""How requests and replies go on: what ends a connection, who waits for whom, what an application may do."""

import asyncio

import pytest
from structlog.testing import capture_logs

from sealgate.web.server import ReplyBroken

from .applications import GET, length, pieces, whole
from .running import Broken, body, reply

OLD = b"GET / HTTP/1.0\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
EXPECTING = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"


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
