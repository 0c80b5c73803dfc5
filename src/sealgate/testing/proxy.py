"""A forward proxy that makes tunnels (RFC 9110 section 9.3.6), with switchable misbehaviour."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
import threading
from collections.abc import Mapping
from typing import Self

NAMES_AS_THEY_ARE: Mapping[str, str] = {}


class ConnectProxy:
    """`with ConnectProxy() as proxy:` serves on `proxy.url` in a thread of its own.

    `heads` are the requests as they came, `carried` what clients sent through their tunnels. With `user`
    and `password` it wants those. `names` says where a `host:port` leads, as a name server of its own would.
    `answer` is sent instead of making a tunnel, `extra` right behind the answer that there is one; `delay`
    is a number of seconds to wait before."""

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        *,
        user: str = "",
        password: str = "",
        names: Mapping[str, str] = NAMES_AS_THEY_ARE,
        answer: bytes | None = None,
        extra: bytes = b"",
        delay: float = 0.0,
    ) -> None:
        self.heads: list[bytes] = []
        self.carried = bytearray()
        self.answer = answer
        self.extra = extra
        self.delay = delay
        self._tls = tls
        self._authorization = f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
        self._wants = bool(user)
        self._names = names
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._serving = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._serving.wait()
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def targets(self) -> list[str]:
        """What tunnels were asked for."""
        return [head.split()[1].decode() for head in self.heads]

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = server.sockets[0].getsockname()[1]
        self._serving.set()
        await self._stop.wait()
        server.close()
        for writer in self._clients.values():
            if not writer.is_closing():  # Python 3.11.2 cannot abort TLS that is closed
                writer.transport.abort()
        if self._clients:
            await asyncio.wait(self._clients)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients[task] = writer
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads.append(head)
            await self._wait()
            if self.answer is not None:
                writer.write(self.answer)
            elif not head.startswith(b"CONNECT "):
                writer.write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
            elif self._wants and f"\r\nProxy-Authorization: {self._authorization}\r\n".encode() not in head:
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            else:
                await self._tunnel(self.targets[-1], reader, writer)
        writer.close()
        del self._clients[task]

    async def _wait(self) -> None:
        """For the delay, or until the proxy stops."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.delay):
                await self._stop.wait()

    async def _tunnel(self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = self._names.get(target, target).rpartition(":")
        try:
            from_api, to_api = await asyncio.open_connection(host.strip("[]"), int(port))
        except OSError:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n" + self.extra)
        await asyncio.gather(self._carry(reader, to_api, self.carried), self._carry(from_api, writer))

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, copy: bytearray | None = None
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if copy is not None:
                    copy += data
                writer.write(data)
                await writer.drain()
        writer.close()
