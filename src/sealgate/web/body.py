"""A caller's body, from ASGI: whole when it is small, streamed when it is not, never above the limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from sealgate.errors import PayloadTooLarge, RequestInvalid, SealgateError
from sealgate.message import Fields
from sealgate.web.asgi import Receive

WHOLE = 64 * 1024
"""Bytes up to which a body of declared length is read before the call begins."""
SILENCE = 30.0
"""Seconds that a caller may let pass between two parts of a body."""


class Incoming:
    """The body of one request.

    `failure` is why reading ended early: an upstream that was being sent the body reports only that
    the sending failed."""

    def __init__(self, receive: Receive, fields: Fields, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        length = fields.first.get("content-length")
        # The server has checked that it is a number, and alone.
        self._declared = int(length) if length is not None else None
        self._expected = bool(self._declared) or fields.first.get("transfer-encoding") is not None
        self.failure: SealgateError | None = None
        self.finished = not self._expected
        """Whether nothing more will be read here."""

    async def open(self) -> bytes | AsyncIterator[bytes] | None:
        """The body as a `Call` holds it. Raises PayloadTooLarge before anything is sent when the length
        is declared, RequestInvalid when a small body does not arrive."""
        if not self._expected:
            return None
        if self._declared is not None and self._declared > self._limit:
            raise self._too_large()
        if self._declared is not None and self._declared <= WHOLE:
            return b"".join([part async for part in self._parts()])
        return self._parts()

    async def _parts(self) -> AsyncIterator[bytes]:
        received, more = 0, True
        try:
            while more:
                part, more = await self._next()
                received += len(part)
                if received > self._limit:
                    raise self._too_large()
                if part:
                    yield part
            self.finished = True
        except SealgateError as failure:
            self.failure = failure
            raise

    async def _next(self) -> tuple[bytes, bool]:
        try:
            async with asyncio.timeout(SILENCE):
                message = await self._receive()
        except TimeoutError:
            raise RequestInvalid(f"the body stopped arriving for {SILENCE:g} s") from None
        if message["type"] != "http.request":
            raise RequestInvalid("the connection ended before the body did")
        return message.get("body", b""), message.get("more_body", False)

    def _too_large(self) -> PayloadTooLarge:
        return PayloadTooLarge(f"the body is larger than {self._limit} bytes (SEALGATE_MAX_REQUEST_BODY)")
