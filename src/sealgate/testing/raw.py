"""An upstream without manners, for asyncio tests: what it sends is up to a script, byte for byte."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from typing import Self

from sealgate.message import Origin

Script = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class RawUpstream:
    """`async with RawUpstream() as upstream:` serves on `upstream.origin`; after it has read the head of a
    request it runs a script on the socket. `heads` are the raw heads, `connections` how many came."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.script: Script | None = None
        self.heads: list[bytes] = []
        self.connections = 0
        self._tls = tls

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.origin = Origin("https" if self._tls else "http", "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                assert self.script is not None, "call say() first"
                await self.script(head, reader, writer)
                if writer.is_closing():
                    break
        writer.close()

    def say(self, *parts: bytes | float, close: bool = True) -> None:
        """Send these bytes; a number is a pause in seconds."""

        async def script(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for part in parts:
                if isinstance(part, (int, float)):
                    await asyncio.sleep(part)
                else:
                    writer.write(part)
                    await writer.drain()
            if close:
                writer.close()

        self.script = script
