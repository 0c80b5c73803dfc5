"""A deadline that moves with every exchange and costs a timer only now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

NEVER = float("inf")


class Alarm:
    """Calls back once `due` has passed. Moving `due` later costs nothing: the timer that is set goes off
    early, sees that, and is set anew."""

    __slots__ = ("_callback", "_loop", "_set_for", "_timer", "due")

    def __init__(self, loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
        self._loop = loop
        self._callback = callback
        self._timer: asyncio.TimerHandle | None = None
        self._set_for = NEVER
        self.due = NEVER

    def move(self, due: float) -> None:
        """Go off at this time of the loop's clock; `NEVER` to keep still."""
        self.due = due
        if due < self._set_for:
            self._set(due)

    def stop(self) -> None:
        """Never go off again."""
        self.due = NEVER
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._set_for = when
        self._timer = self._loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._set_for = NEVER
        if self.due <= self._loop.time():
            self.due = NEVER
            self._callback()
        elif self.due != NEVER:
            self._set(self.due)
