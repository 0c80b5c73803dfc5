"""One request to the API that others wait for, instead of asking the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum, auto

BODY_SECONDS = 2.0
"""How long others wait for the body: it is read as fast as the first caller takes it."""


class Landing(Enum):
    """How a flight ended: with a response stored, with one that cannot be, given up by its caller, or
    with an error."""

    STORED = auto()
    USELESS = auto()
    ABANDONED = auto()
    FAILED = auto()


class Flight:
    """Lands once; `landed` is called then."""

    def __init__(self, landed: Callable[[Landing], None] | None = None) -> None:
        self._on_landing = landed
        self._head = asyncio.Event()
        self._ended = asyncio.Event()
        self._landing: Landing | None = None

    def head_came(self) -> None:
        self._head.set()

    def land(self, landing: Landing) -> None:
        if self._landing is None:
            self._landing = landing
            self._head.set()
            self._ended.set()
            if self._on_landing:
                self._on_landing(landing)

    async def wait(self) -> bool:
        """Wait for the end. True when it is worth to look again: the response may be stored, or nobody
        asks any more. False also when the body takes too long."""
        await self._head.wait()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                await self._ended.wait()
        except TimeoutError:
            return False
        return self._landing in (Landing.STORED, Landing.ABANDONED)
