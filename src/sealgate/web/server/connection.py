"""One caller's connection: requests in, replies out, one after the other, and neither faster than the other
side takes them."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol, cast
from urllib.parse import unquote_to_bytes

import orjson
import structlog

from sealgate.egress.alarm import NEVER, Alarm
from sealgate.errors import Overloaded, RequestInvalid
from sealgate.request_id import new_request_id
from sealgate.web.asgi import App, Message, Scope
from sealgate.web.server.parsing import BadRequest, Received, RequestParser
from sealgate.web.server.reply import CONTINUE, Reply, ReplyBroken

HEAD_SECONDS = 30.0
"""In which the head of a request must arrive."""
IDLE_SECONDS = 75.0
"""How long a connection may rest between two requests."""
LINGER_SECONDS = 2.0
"""How long a caller that still sends may go on after its reply, so that the reply reaches it before the
connection is reset (RFC 9112 section 9.6)."""
HIGH_WATER = 64 * 1024
"""Bytes of a body, or of a reply, that wait before the side that sends them is made to wait."""
ASGI = {"version": "3.0", "spec_version": "2.4"}

log = structlog.get_logger("sealgate.web")


class Owner(Protocol):
    """The listening socket that a connection came through."""

    app: App
    stopping: bool

    def opened(self, connection: Connection) -> bool:
        """Whether there is room for it."""

    def closed(self, connection: Connection) -> None: ...


class Connection(asyncio.Protocol):
    """Carries one request at a time to the application; what comes meanwhile waits."""

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop) -> None:
        self._owner = owner
        self._loop = loop
        self._parser = RequestParser(self._begun)
        self._alarm = Alarm(loop, self._late)
        self._waiting: deque[Received] = deque()
        self._current: Received | None = None
        self._arrival: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._reading_paused = False
        self._gone = False
        """Whether the caller sends no more: it closed its side, or the connection broke."""
        self._closed = False
        self._lingering = False
        self._refusal: BadRequest | None = None

    def finish(self) -> None:
        """End after the request that is going on, at once when there is none."""
        if self._current is None:
            self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass of it
        self._transport.set_write_buffer_limits(HIGH_WATER)
        if not self._owner.opened(self):
            self._answer(BadRequest(503, "too many connections are open; try again"))
            return
        self._alarm.move(self._loop.time() + HEAD_SECONDS)
        self._serving = self._loop.create_task(self._serve())

    def data_received(self, data: bytes) -> None:
        if self._lingering:
            return
        parser = self._parser
        in_head = parser.in_head
        try:
            parser.feed(data)
        except BadRequest as refusal:
            self._refuse(refusal)
            return
        if parser.in_head and not in_head and self._current is None:
            self._alarm.move(self._loop.time() + HEAD_SECONDS)
        current = self._current
        if current is not None and (self._waiting or current.size > HIGH_WATER):
            self._pause()
        self._wake()

    def eof_received(self) -> bool:
        """The rest of a reply may still be wanted; who waits between two requests is closed."""
        self._gone = True
        self._wake()
        return not self._lingering and (self._current is not None or bool(self._waiting))

    def connection_lost(self, _: Exception | None) -> None:
        self._gone = self._closed = True
        self._alarm.stop()
        self._wake()
        self.resume_writing()
        self._owner.closed(self)

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        writable, self._writable = self._writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    # one request after the other

    async def _serve(self) -> None:
        while (received := await self._next()) is not None:
            call = _Call(self, received)
            try:
                await self._owner.app(self._scope(received), call.receive, call.send)
            except ReplyBroken:
                self._transport.abort()
                return
            except Exception as error:  # the application has logged what it could not handle
                log.error("application_failed", error=type(error).__name__)  # noqa: TRY400
            if not call.ended and not await self._failed(call):
                return
            if not call.keeps_alive or self._owner.stopping:
                self._end(received)
                return
            if not self._waiting:
                self._alarm.move(self._loop.time() + IDLE_SECONDS)

    async def _failed(self, call: _Call) -> bool:
        """Answer for an application that did not; `False` when its reply is broken."""
        if call.started:
            self._transport.abort()
            return False
        await call.send({"type": "http.response.start", "status": 500, "headers": []})
        await call.send({"type": "http.response.body", "body": b""})
        return True

    async def _next(self) -> Received | None:
        """The next request once its head is there; `None` when there will be none."""
        self._current = None
        while not self._waiting:
            if self._refusal is not None:
                self._answer(self._refusal)
                return None
            if self._gone or self._owner.stopping:
                self._transport.close()
                return None
            await self._something()
        self._alarm.move(NEVER)
        self._current = self._waiting.popleft()
        self._resume()
        return self._current

    async def _something(self) -> None:
        """Until something came, or the caller went."""
        self._arrival = self._loop.create_future()
        await self._arrival

    def _end(self, received: Received) -> None:
        """Close after the last reply; who still sends is heard out for a moment."""
        if received.complete or self._gone:
            self._transport.close()
        else:
            self._linger()

    def _linger(self) -> None:
        self._lingering = True
        self._resume()
        self._alarm.move(self._loop.time() + LINGER_SECONDS)
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _refuse(self, refusal: BadRequest) -> None:
        """What came cannot be read. The requests before it are still answered, but not one whose own body
        it is."""
        self._refusal = refusal
        self._pause()
        last = self._waiting[-1] if self._waiting else self._current
        if last is not None and not last.complete:
            self._gone = True
        self._wake()

    def _answer(self, refusal: BadRequest) -> None:
        request_id = new_request_id()
        code = Overloaded.code if refusal.status == 503 else RequestInvalid.code
        error = {"code": code, "detail": str(refusal)}
        body = orjson.dumps({"success": False, "errors": error, "request_id": request_id})
        fields = ((b"content-type", b"application/json"), (b"x-request-id", request_id.encode()))
        reply = Reply(refusal.status, fields, len(body), head=False, modern=True, keep_alive=False)
        self._transport.write(reply.head + body)
        self._linger()

    def _late(self) -> None:
        if self._lingering:
            self._transport.abort()
        elif self._parser.in_head:
            self._refuse(BadRequest(408, f"the head did not arrive within {HEAD_SECONDS:g} s"))
        else:
            self._transport.close()

    def _begun(self, received: Received) -> None:
        self._waiting.append(received)

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    def _pause(self) -> None:
        if not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        if self._reading_paused and not self._closed:
            self._reading_paused = False
            self._transport.resume_reading()

    def _scope(self, received: Received) -> Scope:
        path, _, query = received.target.partition(b"?")
        return {
            "type": "http",
            "asgi": ASGI,
            "http_version": "1.1" if received.modern else "1.0",
            "method": received.method,
            "scheme": "http",
            "path": (unquote_to_bytes(path) if b"%" in path else path).decode("utf-8", "replace"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": received.fields,
            "client": None,
            "server": None,
        }


class _Call:
    """`receive` and `send` of one request (ASGI, "HTTP Connection Scope")."""

    __slots__ = ("_connection", "_delivered", "_received", "_reply", "_start", "ended")

    def __init__(self, connection: Connection, received: Received) -> None:
        self._connection = connection
        self._received = received
        self._delivered = False
        self._start: Message | None = None
        self._reply: Reply | None = None
        self.ended = False

    @property
    def started(self) -> bool:
        return self._reply is not None

    @property
    def keeps_alive(self) -> bool:
        """Whether another request may follow: the next one begins where this one's body ended."""
        return self._reply is not None and self._reply.keep_alive and self._received.complete

    async def receive(self) -> Message:
        connection, received = self._connection, self._received
        while True:
            if not self._delivered and (received.pieces or received.complete):
                body = received.take()
                self._delivered = received.complete
                if not connection._waiting:
                    connection._resume()
                return {"type": "http.request", "body": body, "more_body": not received.complete}
            if self.ended or connection._gone:
                return {"type": "http.disconnect"}
            if received.waits and not self._delivered:
                received.waits = False
                connection._transport.write(CONTINUE)
            await connection._something()

    async def send(self, message: Message) -> None:
        """Raises ValueError for a head that cannot be sent."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        connection = self._connection
        body, more = message.get("body", b""), message.get("more_body", False)
        reply = self._reply
        if reply is None:
            reply = self._begin(None if more else len(body))
            data = reply.head + reply.framed(body, more)
        else:
            data = reply.framed(body, more)
        self.ended = not more
        if not connection._closed:
            connection._transport.write(data)
            if connection._writable is not None:
                await connection._writable

    def _begin(self, length: int | None) -> Reply:
        start, received = self._start, self._received
        assert start is not None, "a reply begins with its head"
        reply = self._reply = Reply(
            start["status"],
            start.get("headers", ()),
            length,
            head=received.method == "HEAD",
            modern=received.modern,
            keep_alive=received.keep_alive and received.complete and not self._connection._owner.stopping,
        )
        return reply
