"""One request as the application sees it, and the reply that it gives."""

from __future__ import annotations

import asyncio
from typing import Protocol
from urllib.parse import unquote_to_bytes

from sealgate.web.asgi import Message, Scope
from sealgate.web.server.parsing import Received
from sealgate.web.server.reply import CONTINUE, Reply

ASGI = {"version": "3.0", "spec_version": "2.3"}


class Caller(Protocol):
    """The connection that the request came through."""

    @property
    def stopping(self) -> bool: ...
    def is_over_for(self, received: Received) -> bool: ...
    def resume(self) -> None: ...
    def expect_body(self) -> None: ...
    async def something(self) -> None: ...
    def wake(self) -> None: ...
    def write(self, data: bytes) -> asyncio.Future[None] | None: ...


class Call:
    """`receive` and `send` of one request (ASGI, "HTTP Connection Scope")."""

    __slots__ = ("_caller", "_delivered", "_received", "_reply", "_start", "ended")

    def __init__(self, caller: Caller, received: Received) -> None:
        self._caller = caller
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

    def scope(self) -> Scope:
        """What the application is called with."""
        received = self._received
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

    async def receive(self) -> Message:
        caller, received = self._caller, self._received
        while True:
            if not self._delivered and (received.pieces or received.complete):
                received.waits = False
                body = received.take()
                self._delivered = received.complete
                caller.resume()
                return {"type": "http.request", "body": body, "more_body": not received.complete}
            if self.ended or caller.is_over_for(received):
                return {"type": "http.disconnect"}
            if not received.complete:
                if received.waits and self._reply is None:
                    caller.write(CONTINUE)
                received.waits = False
                caller.expect_body()
            await caller.something()

    async def send(self, message: Message) -> None:
        """Raises ValueError for a head that cannot be sent, and for a body that is not as long as it says;
        RuntimeError after the end of the reply."""
        if self.ended:
            raise RuntimeError("the reply has ended")
        if message["type"] == "http.response.start":
            self._start = message
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        reply = self._reply
        if reply is None:
            reply = self._begin(None if more else len(body))
            data = reply.head + reply.framed(body, more)
            self._reply = reply
        else:
            data = reply.framed(body, more)
        self.ended = not more
        taken = self._caller.write(data)
        if taken is not None:
            await asyncio.shield(taken)
        if not more:
            self._caller.wake()  # who still waits in `receive`

    def _begin(self, length: int | None) -> Reply:
        start, received = self._start, self._received
        assert start is not None, "a reply begins with its head"
        return Reply(
            start["status"],
            start.get("headers", ()),
            length,
            head=received.method == "HEAD",
            modern=received.modern,
            keep_alive=received.keep_alive and received.complete and not self._caller.stopping,
        )
