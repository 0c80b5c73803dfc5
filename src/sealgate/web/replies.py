"""Replies to the wire, over ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from sealgate.web.asgi import Receive, Send
from sealgate.web.headers import encode
from sealgate.web.server import ReplyBroken

STALLED = 60.0
"""Seconds after which a reader that takes nothing more is given up."""


async def send_bytes(
    send: Send,
    status: int,
    headers: Sequence[tuple[str, str]],
    body: bytes,
    fixed: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """A whole reply; `fixed` are header fields that are encoded already. The server leaves the body away
    where HTTP has none (HEAD, 204, 304)."""
    await send({"type": "http.response.start", "status": status, "headers": [*encode(headers), *fixed]})
    await send({"type": "http.response.body", "body": body})


async def send_stream(
    send: Send,
    status: int,
    headers: Sequence[tuple[str, str]],
    body: AsyncIterator[bytes],
    receive: Receive | None,
    fixed: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """A reply as its body arrives, at the pace of the reader; when the reader goes, the upstream's
    response is closed. `receive` is given when the caller's body has been read: it then tells when the
    caller goes. Raises what the body raises, ReplyBroken for a reader that stalls."""
    listener: asyncio.Task[None] | None = None
    parts = 0
    try:
        start = {"type": "http.response.start", "status": status, "headers": [*encode(headers), *fixed]}
        await send(start)
        async for part in body:
            parts += 1
            if parts == 2 and receive is not None:  # most bodies have one part, and need no listener
                listener = asyncio.create_task(_gone(receive))
            if listener is not None and listener.done():
                return
            async with asyncio.timeout(STALLED):
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    except TimeoutError:
        raise ReplyBroken from None
    finally:
        if listener is not None:
            listener.cancel()
        await _close(body)


async def _gone(receive: Receive) -> None:
    """Return when the caller has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _close(body: AsyncIterator[bytes]) -> None:
    close = getattr(body, "aclose", None)
    if close is not None:
        await close()
