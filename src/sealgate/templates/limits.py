"""What a render may use: steps, characters, elements (design section 9).

Time and memory are both paid in steps. A loop round, a call and a printed value cost one or two; work
that grows with the size of a value costs in proportion to it, so that no single operation can be
cheap here and dear for the machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

READ_SHIFT = 10
"""Reading 1 KiB of text costs a step."""
MADE_SHIFT = 8
"""Making 256 bytes of text costs a step: 1,000,000 steps are at most 256 MiB."""
ELEMENT_SHIFT = 3
"""Eight elements of a list cost a step."""


class LimitExceeded(Exception):
    """A render used more than it may. The text says what."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one template: characters of source and output, steps of a render, and what no
    single value may exceed."""

    source: int = 1024 * 1024
    tokens: int = 20_000
    nesting: int = 60
    steps: int = 1_000_000
    output: int = 10 * 1024 * 1024
    text: int = 10 * 1024 * 1024
    elements: int = 1_000_000
    depth: int = 200
    number_bits: int = 4096


class Budget:
    """Counts the steps of one render."""

    __slots__ = ("left", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.steps

    def spend(self, steps: int) -> None:
        """Raises LimitExceeded when the render has no steps left."""
        self.left -= steps
        if self.left < 0:
            raise LimitExceeded(f"the template takes more than {self.limits.steps:,} steps")

    def read(self, value: Any) -> None:
        """Pay for going through a value once, not into its elements."""
        if isinstance(value, (str, bytes)):
            self.spend(1 + (len(value) >> READ_SHIFT))
        elif isinstance(value, (list, tuple, Mapping, range)):
            self.spend(1 + (len(value) >> ELEMENT_SHIFT))

    def made(self, length: int) -> None:
        """Pay for a text of this length before it is made."""
        if length > self.limits.text:
            raise LimitExceeded(f"a text would be longer than {self.limits.text:,} characters")
        self.spend(1 + (length >> MADE_SHIFT))

    def listed(self, length: int) -> None:
        """Pay for a list of this length before it is made."""
        if length > self.limits.elements:
            raise LimitExceeded(f"a list would be longer than {self.limits.elements:,} elements")
        self.spend(1 + (length >> ELEMENT_SHIFT))

    def number(self, bits: int) -> None:
        """Refuse a number of more bits before it is made."""
        if bits > self.limits.number_bits:
            raise LimitExceeded(f"a number would have more than {self.limits.number_bits} bits")

    def walk(self, value: Any) -> None:
        """Pay for going through a value with everything in it, as comparing and printing do.

        Finite even where the value is not: a list may hold itself, or the same list twice at each
        level. The walk counts what is met as often as it is met."""
        if not isinstance(value, (list, tuple, Mapping)):
            self.read(value)
            return
        pending: list[tuple[Iterator[Any], int]] = [(iter((value,)), 0)]
        seen = 0
        while pending:
            elements, depth = pending[-1]
            item = next(elements, _END)
            if item is _END:
                pending.pop()
                continue
            seen += 1
            if not seen & 7:
                self.spend(1)
            if isinstance(item, (str, bytes)):
                if len(item) > 1 << READ_SHIFT:
                    self.read(item)
            elif isinstance(item, (list, tuple, Mapping)):
                if depth >= self.limits.depth:
                    raise LimitExceeded(f"a value has more than {self.limits.depth} levels")
                pending.append((iter(_members(item)), depth + 1))

    def counted(self, values: Iterable[Any]) -> Iterator[Any]:
        """The values, a step for each: what an iterator yields is not known before."""
        for value in values:
            self.spend(1)
            yield value


_END = object()


def _members(value: list[Any] | tuple[Any, ...] | Mapping[Any, Any]) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return (part for pair in value.items() for part in pair)
    return value
