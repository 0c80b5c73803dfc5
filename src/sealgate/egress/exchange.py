"""One request and its reply, as the one who waits for it sees them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from sealgate.egress.alarm import NEVER
from sealgate.egress.parsing import Reply
from sealgate.errors import UpstreamTimeout

if TYPE_CHECKING:
    from sealgate.egress.connection import Connection

LAST_CHUNK = b"0\r\n\r\n"


class Silent(Exception):
    """The connection ended before anything of a reply came."""


class Exchange:
    """Belongs to one connection for as long as the reply is not whole, and to nobody else ever."""

    def __init__(
        self, connection: Connection, loop: asyncio.AbstractEventLoop, method: str, timeout: float
    ) -> None:
        self.reply = Reply(method == "HEAD")
        self.sent = True
        self._connection = connection
        self._loop = loop
        self._timeout = timeout
        self._failure: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._sending: asyncio.Task[None] | None = None

    def begin(self, head: bytes, body: bytes | AsyncIterator[bytes] | None) -> None:
        """Send the request: whole at once, or its body as it comes."""
        if body is None or isinstance(body, bytes):
            self._connection.begin(self, head, body)
        else:
            self.sent = False
            self._connection.begin(self, head, None)
            self._sending = self._loop.create_task(self._send(body))

    async def head(self, deadline: float) -> None:
        """Wait until the reply's status and fields are there. Raises the errors of Downstream, Silent,
        and what a streamed body raised."""
        while not self.reply.status:
            await self._wait(deadline)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes, at most `timeout` seconds of silence between two pieces. Raises as
        `head`."""
        reply = self.reply
        while True:
            if reply.pieces:
                if not reply.complete:
                    self._connection.read_on()
                yield reply.take()
            elif reply.complete:
                return
            else:
                await self._wait(self._loop.time() + self._timeout)

    async def close(self) -> None:
        """End it, whole or not."""
        if not self.reply.complete and self._failure is None:
            self._connection.abort()
        if self._sending is not None:
            self.stop_sending()
            await asyncio.wait([self._sending])

    def stop_sending(self) -> None:
        """What is left of the request's body is no longer wanted."""
        if self._sending is not None:
            self._sending.cancel()

    # called by the connection

    def wake(self) -> None:
        """Something came."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def fail(self, failure: Exception) -> None:
        """Nothing more will come. The first reason counts."""
        if self._failure is None:
            self._failure = failure
            self.stop_sending()
        self.wake()

    def too_late(self) -> UpstreamTimeout:
        doing = "go on" if self.reply.status else "answer"
        return UpstreamTimeout(f"the API did not {doing} within {self._timeout:g} s")

    async def _wait(self, due: float) -> None:
        """Until something came. A waiter that is cancelled takes the connection with it."""
        if self._failure is not None:
            raise self._failure
        self._waiter = self._loop.create_future()
        self._connection.wait_until(due)
        try:
            await self._waiter
        except asyncio.CancelledError:
            await self.close()
            raise
        if not self.reply.complete and self._failure is None:
            self._connection.wait_until(NEVER)

    async def _send(self, body: AsyncIterator[bytes]) -> None:
        try:
            async for piece in body:
                if piece:
                    await self._connection.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await self._connection.write(LAST_CHUNK)
        except Exception as failure:  # whoever wrote the body wants its own failure back
            self._failure = self._failure or failure
            self._connection.abort()
            self.wake()
        else:
            self.sent = True
