"""A listening socket, from its first connection to its last reply."""

from __future__ import annotations

import asyncio
import socket
from typing import Self

from sealgate.web.asgi import App
from sealgate.web.server.connection import Connection
from sealgate.web.server.patience import Patience

CANCELLED_SECONDS = 1.0
"""In which calls that are broken off can clean up."""


class Listening:
    """Serves an application at a socket that is bound already."""

    def __init__(self, app: App, most: int, patience: Patience) -> None:
        """`most` connections are open at a time; the others are answered with 503."""
        self.app = app
        self.patience = patience
        self.stopping = False
        self._most = most
        self._open: set[Connection] = set()
        self._all_closed = asyncio.Event()
        self._server: asyncio.Server

    @classmethod
    async def begin(
        cls, app: App, listener: socket.socket, *, most: int, backlog: int, patience: Patience | None = None
    ) -> Self:
        """Take connections from now on."""
        listening, loop = cls(app, most, patience or Patience()), asyncio.get_running_loop()
        listening._server = await loop.create_server(
            lambda: Connection(listening, loop), sock=listener, backlog=backlog
        )
        return listening

    async def end(self, seconds: float) -> None:
        """Take no more connections, let the requests that are going on end within `seconds`, break off
        the rest."""
        self.stopping = True
        self._server.close()
        for connection in tuple(self._open):
            connection.finish()
        if not await self._closed_within(seconds):
            for connection in tuple(self._open):
                connection.abort()
            await self._closed_within(CANCELLED_SECONDS)

    async def _closed_within(self, seconds: float) -> bool:
        if self._open:
            self._all_closed.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._all_closed.wait()
            except TimeoutError:
                return False
        return True

    # called by connections

    def opened(self, connection: Connection) -> bool:
        self._open.add(connection)
        return len(self._open) <= self._most

    def closed(self, connection: Connection) -> None:
        self._open.discard(connection)
        if not self._open:
            self._all_closed.set()
