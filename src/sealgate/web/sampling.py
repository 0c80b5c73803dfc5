"""How many events of a kind are let through: a token bucket."""

from __future__ import annotations

from collections.abc import Callable


class Bucket:
    """Lets `burst` through at once and `rate` a second in the long run."""

    __slots__ = ("_at", "_burst", "_clock", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._rate = rate
        self._burst = self._tokens = burst
        self._clock = clock
        self._at = clock()

    def take(self) -> bool:
        """Whether this one is let through."""
        now = self._clock()
        tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        taken = tokens >= 1
        self._tokens = tokens - 1 if taken else tokens
        return taken
