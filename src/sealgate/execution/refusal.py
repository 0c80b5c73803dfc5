"""The error page that made a step of a composite connector fail, for a person who tests it: a caller gets
nothing of it (REFERENCE section 12)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from sealgate.errors import SealgateError
from sealgate.execution.redaction import Redactor
from sealgate.message import Response

MOST = 16 * 1024
"""Bytes that are kept."""
SECONDS = 2


@dataclass(frozen=True, slots=True)
class Refusal:
    """`cut`: there is more of it, or might have been."""

    body: bytes = field(repr=False)
    cut: bool

    def text(self, redactor: Redactor) -> str:
        """Without any secret, nor the first part of one that the cut goes through."""
        clean = redactor.beginning(self.body) if self.cut else redactor.data(self.body)
        return clean.decode("utf-8", "replace")


async def read_refusal(response: Response) -> Refusal:
    """A page that breaks off, or takes long, is kept as far as it came. Whoever calls closes the
    response."""
    received = b""
    with suppress(SealgateError, TimeoutError):
        async with asyncio.timeout(SECONDS):
            async for chunk in response.chunks():
                received += chunk
                if len(received) > MOST:
                    return Refusal(received[:MOST], cut=True)
            return Refusal(received, cut=False)
    return Refusal(received, cut=True)
