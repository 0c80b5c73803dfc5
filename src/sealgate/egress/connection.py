"""One connection to an API: bytes out, replies in, and neither faster than the other side takes them."""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

from sealgate.egress.alarm import Alarm
from sealgate.egress.exchange import Exchange, Silent
from sealgate.egress.handshake import handshake_seconds
from sealgate.egress.parsing import BADLY_FRAMED, ReplyParser
from sealgate.egress.reaching import API, tls_refusal
from sealgate.errors import SealgateError, UpstreamProtocolError

HIGH_WATER = 128 * 1024
"""Bytes of a body that wait for their reader before the API is made to wait."""


class Keeper(Protocol):
    """Who holds connections between exchanges."""

    def take_back(self, connection: Connection) -> None:
        """An exchange ended so that another may follow."""

    def forget(self, connection: Connection) -> None:
        """The connection is closed."""


class Connection(asyncio.Protocol):
    """Carries one exchange at a time. It goes back to its keeper only after an exchange that ended
    cleanly, and is closed after any other. Bytes that nobody asked for close it, too."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, address: str, keeper: Keeper, proxy: str | None = None
    ) -> None:
        self.address = address
        self.proxy = proxy
        self.used = False
        self.closed = False
        self.tls_seconds: float | None = None
        self._loop = loop
        self._keeper = keeper
        self._parser = ReplyParser()
        self._exchange: Exchange | None = None
        self._alarm = Alarm(loop, self._late)
        self._reading_paused = False
        self._writable: asyncio.Future[None] | None = None

    def begin(self, exchange: Exchange, head: bytes, body: bytes | None) -> None:
        """Send a request, and take what comes for its reply."""
        self._exchange = exchange
        self._parser.begin(exchange.reply)
        if body and len(body) > HIGH_WATER:
            self._transport.write(head)
            self._transport.write(body)
        else:
            self._transport.write(head + body if body else head)

    async def write(self, data: bytes) -> None:
        """Send a piece of a streamed body, once the API has taken enough of what went before it."""
        if self.closed:
            return
        self._transport.write(data)
        if self._writable is not None:
            await self._writable

    def wait_until(self, due: float) -> None:
        """Fail the exchange at this time of the loop's clock unless told otherwise before."""
        self._alarm.move(due)

    def rest(self, seconds: float) -> None:
        """Stay open for another exchange, but no longer than this."""
        self._alarm.move(self._loop.time() + seconds)

    @property
    def expired(self) -> bool:
        """Whether it may no longer be used, though the loop had no time yet to close it."""
        return self.closed or self._alarm.due <= self._loop.time()

    def read_on(self) -> None:
        """The reader has caught up."""
        if self._reading_paused and not self.closed:
            self._reading_paused = False
            self._transport.resume_reading()

    def abort(self, error: SealgateError | None = None) -> None:
        """Close at once; an exchange that is under way fails with `error`."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.fail(error or UpstreamProtocolError("the connection to the API broke"))
        if not self.closed:
            self.closed = True
            self._alarm.stop()
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass of it
        self.tls_seconds = handshake_seconds(transport)

    def data_received(self, data: bytes) -> None:
        exchange = self._exchange
        if exchange is None:
            self.abort()
            return
        try:
            self._parser.feed(data)
        except UpstreamProtocolError as error:
            self.abort(error)
            return
        reply = exchange.reply
        if reply.complete:
            self._finish(exchange)
        elif reply.size > HIGH_WATER and not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()
        exchange.wake()

    def eof_received(self) -> None:
        exchange = self._exchange
        if exchange is None:
            self.abort()
        elif not exchange.reply.begun:
            self._lose(exchange, Silent())
        else:
            try:
                self._parser.end()
            except UpstreamProtocolError as error:
                self.abort(error)
            else:
                self._finish(exchange)
                exchange.wake()

    def connection_lost(self, error: Exception | None) -> None:
        """After `abort`, or because the connection broke: its good end is `eof_received`."""
        self.closed = True
        self._alarm.stop()
        if (exchange := self._exchange) is not None:
            broken = UpstreamProtocolError(BADLY_FRAMED) if exchange.reply.begun else Silent()
            refusal = None if self.used else tls_refusal(error, API)
            self._lose(exchange, refusal or broken)
        self.resume_writing()
        self._keeper.forget(self)

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        writable, self._writable = self._writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    def _finish(self, exchange: Exchange) -> None:
        """The reply is whole. Where a part of the request is still unsent, the API did not want it."""
        self._exchange = None
        exchange.stop_sending()
        if not self._parser.reusable or not exchange.sent or self._transport.get_write_buffer_size():
            self.abort()
            return
        self.used = True
        self.read_on()
        self._keeper.take_back(self)

    def _lose(self, exchange: Exchange, error: Exception) -> None:
        self._exchange = None
        exchange.fail(error)
        self.abort()

    def _late(self) -> None:
        exchange = self._exchange
        self.abort(exchange.too_late() if exchange else None)
