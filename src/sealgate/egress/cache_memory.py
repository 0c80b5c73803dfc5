"""The responses that one process has at hand, in front of the storage: a hit costs no I/O and no AES."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from sealgate.egress.cache_storage import Stamp
from sealgate.egress.stored import Stored

_OVERHEAD = 1024
"""Bytes that an entry takes besides its body, about."""


@dataclass(slots=True)
class _Kept:
    stored: Stored
    stamp: Stamp


class Memory:
    """At most `size` bytes; the keys that were not used for longest go first. A key has one response for
    each set of selecting header fields."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._kept: OrderedDict[str, list[_Kept]] = OrderedDict()

    def get(self, key: str, headers: Mapping[str, str], stamp: Stamp) -> Stored | None:
        """The response that these header fields select, if it is of this stamp."""
        variants = self._kept.get(key)
        if variants is None:
            return None
        self._kept.move_to_end(key)
        for kept in variants:
            if kept.stamp == stamp and kept.stored.selected_by(headers):
                return kept.stored
        return None

    def put(self, key: str, stored: Stored, stamp: Stamp) -> None:
        """Keep a response; those of other stamps, and one that the same fields select, give way."""
        kept = [
            one
            for one in self._drop(key)
            if one.stamp == stamp
            and (one.stored.vary, one.stored.selecting) != (stored.vary, stored.selecting)
        ]
        kept.append(_Kept(stored, stamp))
        self._kept[key] = kept
        self._used += _bytes(kept)
        while self._used > self._size:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> list[_Kept]:
        dropped = self._kept.pop(key, [])
        self._used -= _bytes(dropped)
        return dropped


def _bytes(kept: list[_Kept]) -> int:
    return sum(len(one.stored.body) + _OVERHEAD for one in kept)
