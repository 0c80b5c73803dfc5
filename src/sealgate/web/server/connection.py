"""One caller's connection: requests in, replies out, one after the other, and neither faster than the other
side takes them."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from typing import Protocol, cast

import orjson
import structlog

from sealgate.egress.alarm import NEVER, Alarm
from sealgate.errors import Overloaded, RequestInvalid
from sealgate.request_id import new_request_id
from sealgate.web.asgi import App
from sealgate.web.server.call import Call
from sealgate.web.server.parsing import BadRequest, Received, RequestParser
from sealgate.web.server.patience import Patience
from sealgate.web.server.reply import Reply, ReplyBroken

HIGH_WATER = 64 * 1024
"""Bytes of a body, or of a reply, that wait before the side that sends them is made to wait."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of a socket whose end the caller must not take for that of a reply."""

log = structlog.get_logger("sealgate.web")


class Owner(Protocol):
    """The listening socket that a connection came through."""

    app: App
    patience: Patience
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
        self._serving: asyncio.Task[None] | None = None
        self._waiters: list[asyncio.Future[None]] = []
        self._writable: asyncio.Future[None] | None = None
        self._unsent = 0
        """Bytes of replies that waited when the caller was last seen to take some."""
        self._reading_paused = False
        self._gone = False
        """Whether the caller sends no more: it closed its side, or the connection broke."""
        self._lost = False
        self._lingering = False
        self._refusal: BadRequest | None = None

    def finish(self) -> None:
        """End after the request that is going on or coming in, at once when there is none."""
        if not (self._current or self._waiting or self._parser.in_head or self._lingering):
            self._close()

    def abort(self) -> None:
        """Break off, also what the application does."""
        if self._serving is not None:
            self._serving.cancel()
        self._reset()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass of it
        self._transport.set_write_buffer_limits(HIGH_WATER)
        if not self._owner.opened(self):
            self._answer(BadRequest(503, "too many connections are open; try again"))
            return
        self._wait(self._owner.patience.head)
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
            self._wait(self._owner.patience.head)
        waiting = self._waiting
        if parser.received.size > HIGH_WATER or (waiting and (self._current is not None or len(waiting) > 1)):
            self._pause()
        self.wake()

    def eof_received(self) -> bool:
        """The rest of a reply may still be wanted; who waits between two requests is closed."""
        self._gone = True
        self.wake()
        return not self._lingering and bool(self._current or self._waiting or self._refusal)

    def connection_lost(self, _: Exception | None) -> None:
        self._gone = self._lost = True
        self._alarm.stop()
        self.wake()
        self.resume_writing()
        if self._serving is None or self._serving.done():
            self._owner.closed(self)
        else:
            self._serving.add_done_callback(lambda _: self._owner.closed(self))

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()
        self._unsent = self._transport.get_write_buffer_size()
        self._wait(self._owner.patience.stalled)

    def resume_writing(self) -> None:
        writable, self._writable = self._writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    # what the call that is going on asks for

    @property
    def stopping(self) -> bool:
        return self._owner.stopping

    def is_over_for(self, received: Received) -> bool:
        """Whether nothing more comes of this request."""
        return self._gone or (self._refusal is not None and not received.complete)

    def resume(self) -> None:
        """Read on, unless there is more than enough to do already."""
        if self._reading_paused and not self._waiting and not self._transport.is_closing():
            self._reading_paused = False
            self._transport.resume_reading()

    def expect_body(self) -> None:
        """The caller has so long to send the next part."""
        self._wait(self._owner.patience.stalled)

    async def something(self) -> None:
        """Until something came, or the caller went."""
        arrival: asyncio.Future[None] = self._loop.create_future()
        self._waiters.append(arrival)
        await arrival

    def wake(self) -> None:
        """Let those go on who wait for something."""
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def write(self, data: bytes) -> asyncio.Future[None] | None:
        """Write, unless nobody takes it. What is returned ends when the caller has taken enough."""
        if self._transport.is_closing():
            return None
        self._transport.write(data)
        return self._writable

    # one request after the other

    async def _serve(self) -> None:
        try:
            while (received := await self._next()) is not None:
                call = Call(self, received)
                try:
                    await self._owner.app(call.scope(), call.receive, call.send)
                except ReplyBroken:
                    self._reset()
                    return
                except Exception as error:  # the application has logged what it could not handle
                    log.error("application_failed", error=type(error).__name__)  # noqa: TRY400
                if not call.ended and not await self._failed(call):
                    return
                if not call.keeps_alive or self._owner.stopping:
                    self._linger()
                    return
                if not self._waiting:
                    patience = self._owner.patience
                    self._wait(patience.head if self._parser.in_head else patience.idle)
        except BaseException:  # cancelled; nobody is left to answer
            self._reset()
            raise

    async def _failed(self, call: Call) -> bool:
        """Answer for an application that did not; `False` when its reply is broken."""
        if call.started:
            self._reset()
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
            if self._gone or (self._owner.stopping and not self._parser.in_head):
                self._close()
                return None
            await self.something()
        self._alarm.move(NEVER)
        self._current = self._waiting.popleft()
        if self._current.size <= HIGH_WATER:
            self.resume()
        return self._current

    def _linger(self) -> None:
        """Close after the last reply; who still sends is heard out for a moment, so that no reset overtakes
        the reply."""
        if self._gone:
            self._close()
            return
        self._lingering = True
        if self._reading_paused:
            self._transport.resume_reading()
        self._wait(self._owner.patience.linger)
        self._transport.write_eof()

    def _close(self) -> None:
        """What was written still goes out, if the caller takes it."""
        self._transport.close()
        self._wait(self._owner.patience.stalled)

    def _reset(self) -> None:
        """End so that what was sent does not pass for a whole reply (also one that only the end of the
        connection would complete)."""
        if not self._lost:
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._transport.abort()

    def _refuse(self, refusal: BadRequest) -> None:
        """What came cannot be read. The requests before it are still answered; one whose own body it is
        learns that the rest will not come."""
        self._refusal = refusal
        self._pause()
        self.wake()

    def _answer(self, refusal: BadRequest) -> None:
        if self._transport.is_closing():
            return
        request_id = new_request_id()
        code = Overloaded.code if refusal.status == 503 else RequestInvalid.code
        error = {"code": code, "detail": str(refusal)}
        body = orjson.dumps({"success": False, "errors": error, "request_id": request_id})
        fields = ((b"content-type", b"application/json"), (b"x-request-id", request_id.encode()))
        reply = Reply(refusal.status, fields, len(body), head=False, modern=True, keep_alive=False)
        self._transport.write(reply.head + body)
        self._linger()

    def _wait(self, seconds: float) -> None:
        self._alarm.move(self._loop.time() + seconds)

    def _late(self) -> None:
        unsent, patience = self._transport.get_write_buffer_size(), self._owner.patience
        if unsent and unsent != self._unsent:  # the caller takes its time, but takes
            self._unsent = unsent
            self._wait(patience.stalled)
        elif unsent or self._transport.is_closing():
            self._reset()
        elif self._lingering:
            self._transport.abort()  # no reset of ours: the kernel may still have a part of the reply
        elif self._current is not None:
            if self._waiters and not self._current.complete:
                self._refuse(BadRequest(408, f"the body stopped arriving for {patience.stalled:g} s"))
        elif self._parser.in_head:
            self._refuse(BadRequest(408, f"the head did not arrive within {patience.head:g} s"))
        elif not self._waiting:
            self._close()

    def _begun(self, received: Received) -> None:
        self._waiting.append(received)

    def _pause(self) -> None:
        if not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()
