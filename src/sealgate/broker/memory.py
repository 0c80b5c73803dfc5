"""What one process remembers of each token key, in front of the shared store."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sealgate.secret import Secret
from sealgate.stores.ports import CachedToken, TokenFailure

MOST_REPLACEMENTS = 3
REPLACEMENT_WINDOW = 30.0
"""Seconds in which an API that refuses every token may cost `MOST_REPLACEMENTS` token requests."""


@dataclass(slots=True)
class Held:
    """One key. A token and a failure may stand side by side: a failed refresh keeps a valid token."""

    token: CachedToken | None = None
    failure: TokenFailure | None = None
    hint: str | None = None
    asked: Mapping[str, Any] | None = field(default=None, repr=False)
    refresh_after: float = 0.0
    refused: Secret[str] | None = None
    """The last value that an API refused; the store may still show it for a moment."""
    replacements: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_REPLACEMENTS))

    def keep(self, token: CachedToken) -> None:
        self.token, self.failure, self.hint, self.asked = token, None, None, None
        self.refresh_after = token.refresh_at

    def note(
        self, failure: TokenFailure, hint: str | None = None, asked: Mapping[str, Any] | None = None
    ) -> None:
        self.failure, self.hint, self.asked = failure, hint, asked
        self.refresh_after = max(self.refresh_after, failure.retry_at)

    def usable(self, now: float) -> CachedToken | None:
        """The token while it is valid; an expired one is forgotten."""
        if self.token and now >= self.token.expires_at:
            self.token = None
        return self.token

    def refuse(self, value: Secret[str], now: float) -> bool:
        """Forget the token of this value. False when too many were replaced lately: then it is not the
        token that is wrong, and another would be refused as well."""
        full = len(self.replacements) == MOST_REPLACEMENTS
        if full and now - self.replacements[0] < REPLACEMENT_WINDOW:
            return False
        self.replacements.append(now)
        self.token, self.refused = None, value
        return True


class Memory:
    """Held entries, the least recently used ones dropped beyond `size`."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[str, Held] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def of(self, key: str) -> Held:
        """The entry of a key, made when there is none."""
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = Held()
            if len(self._held) > self._size:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(key)
        return held
