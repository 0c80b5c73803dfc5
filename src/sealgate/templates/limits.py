"""What a render may use: steps, characters, elements (design section 9).

Time and memory are both paid in steps. A loop round, a call and a printed value cost a few; work that
grows with the size of a value costs in proportion to it, so that no single operation can be cheap here
and dear for the machine. At the prices below a render's 1,000,000 steps hold about 256 MiB and take a
few seconds at the very most.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from dataclasses import dataclass
from itertools import chain
from typing import Any

READ_SHIFT = 10
"""Reading 1 KiB of text costs a step."""
MADE_SHIFT = 8
"""Making 256 bytes of text costs a step."""
LISTED_SHIFT = 5
"""Listing 32 values that are there already costs a step: 256 bytes of references."""
OBJECTS_SHIFT = 1
"""Making two small values (parts of a text, members of an object) costs a step."""
CUT_SHIFT = 2
"""Taking a text apart costs a step for every four characters: each may become a part."""
SEARCH_SHIFT = 16
"""Comparing 64 KiB in a search that goes back again and again costs a step."""
WIDEST = 4
"""Bytes of a character outside ASCII, at most."""
SHOWN = 200
"""Characters of a name that a message repeats."""

Container = (list, tuple, dict, Mapping, KeysView, ValuesView, ItemsView)


class LimitExceeded(Exception):
    """A render used more than it may. The text says what."""


class Refused(Exception):
    """What a template may not do with a value. The text says why and what to write instead; it never
    holds a value that the template computed."""


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
    """Counts the steps of one render. Every method raises LimitExceeded when there are none left."""

    __slots__ = ("left", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.steps

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise LimitExceeded(f"the template takes more than {self.limits.steps:,} steps")

    def read(self, value: Any) -> None:
        """Pay for going through a value once, not into its elements."""
        if isinstance(value, (str, bytes)):
            self.spend(1 + (len(value) >> READ_SHIFT))
        elif isinstance(value, (*Container, range)):
            self.spend(1 + (len(value) >> LISTED_SHIFT))

    def made(self, length: int, *like: str | bytes) -> None:
        """Pay for a text of this length, of characters such as those of `like`, before it is made."""
        if length > self.limits.text:
            raise LimitExceeded(f"a text would be longer than {self.limits.text:,} characters")
        width = 1 if all(text.isascii() for text in like) else WIDEST
        self.spend(1 + (length * width >> MADE_SHIFT))

    def listed(self, length: int) -> None:
        """Pay for a list of so many values that are there already, before it is made."""
        self._elements(length)
        self.spend(1 + (length >> LISTED_SHIFT))

    def objects(self, length: int) -> None:
        """Pay for so many new small values, before they are made."""
        self._elements(length)
        self.spend(1 + (length >> OBJECTS_SHIFT))

    def cut(self, text: str) -> None:
        """Pay for taking a text apart, into words or characters."""
        self._elements(len(text))
        self.spend(1 + (len(text) >> CUT_SHIFT))

    def search(self, text: str, part: str) -> None:
        """Pay for a search that may compare all of `part` at each character of `text`."""
        self.spend(1 + (len(text) * len(part) >> SEARCH_SHIFT))

    def copied(self, value: Any) -> None:
        """Pay for a shallow copy of a value."""
        if isinstance(value, (str, bytes)):
            self.made(len(value), value)
        elif isinstance(value, Mapping):
            self.objects(len(value))
        elif isinstance(value, (*Container, range)):
            self.listed(len(value))

    def number(self, *numbers: Any) -> None:
        """Refuse to compute with numbers that are too long."""
        for number in numbers:
            if isinstance(number, int):
                self.bits(number.bit_length())

    def bits(self, bits: int) -> None:
        """Refuse a number of so many bits before it is made."""
        if bits > self.limits.number_bits:
            raise LimitExceeded(f"a number would have more than {self.limits.number_bits} bits")

    def written(self, value: Any, indent: int = 0) -> None:
        """Pay for the text of a value with everything in it, before it is made."""
        items, characters, deepest = self._walk(value)
        self.made(characters + items * (2 + indent * deepest))

    def walk(self, value: Any) -> None:
        """Pay for going through a value with everything in it, as comparing does."""
        if isinstance(value, Container):
            self._walk(value)
        else:
            self.read(value)

    def _walk(self, value: Any) -> tuple[int, int, int]:
        """How many values, how many characters, how many levels.

        Finite even where the value is not: a list may hold itself, or the same list twice at each
        level. The walk counts what is met as often as it is met."""
        if type(value) in _FLAT:
            return 1, 0, 0
        pending: list[Iterator[Any]] = [iter((value,))]
        seen = characters = deepest = 0
        while pending:
            for item in pending[-1]:
                seen += 1
                if not seen & 3:
                    self.spend(1)
                if isinstance(item, (str, bytes)):
                    characters += len(item)
                    if len(item) > 1 << READ_SHIFT:
                        self.read(item)
                elif type(item) not in _FLAT and isinstance(item, Container):
                    if len(pending) > self.limits.depth:
                        raise LimitExceeded(f"a value has more than {self.limits.depth} levels")
                    pending.append(_members(item))
                    deepest = max(deepest, len(pending) - 1)
                    break
            else:
                pending.pop()
        return seen, characters, deepest

    def counted(self, values: Iterable[Any]) -> Iterator[Any]:
        """The values, a step for eight of them: what an iterator yields is not known before."""
        for number, value in enumerate(values):
            if not number & 7:
                self.spend(1)
            yield value

    def _elements(self, length: int) -> None:
        if length > self.limits.elements:
            raise LimitExceeded(f"a list would be longer than {self.limits.elements:,} elements")


_FLAT = frozenset({int, float, bool, type(None)})


def _members(value: Any) -> Iterator[Any]:
    return chain.from_iterable(value.items()) if isinstance(value, (dict, Mapping)) else iter(value)
