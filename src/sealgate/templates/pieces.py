"""What a render yields: the template's own text, and values that are still to be written.

Plain `str` is text of the template. `Value` is a value on its way to the writer. `Written` is JSON that
`tojson` or `json_encode` wrote. `Pieces` is the output of a macro or a `{% set %}` block: a
string to whoever computes with it, and its parts again to whoever prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sealgate.templates.writers import Missing, Writer


class Value(str):
    """Survives `str()` in the compiled template; `held` is the value itself."""

    __slots__ = ("__dict__",)
    held: Any

    @classmethod
    def of(cls, held: Any) -> Value:
        value = cls(held if isinstance(held, str) else "")
        value.held = held
        return value

    def __str__(self) -> str:
        return self

    def plain(self) -> str:
        """The text that an ordinary string made of this value has."""
        held = self.held
        return "" if held is None or isinstance(held, Missing) else str(held)


class Written(str):
    """JSON text that a filter made."""

    __slots__ = ()

    def __str__(self) -> str:
        return self


class Pieces(str):
    """Output of a block, with its parts."""

    __slots__ = ("__dict__",)
    parts: tuple[str, ...]

    @classmethod
    def of(cls, parts: Iterable[str]) -> Pieces:
        kept = tuple(flattened(parts))
        block = cls("".join(part.plain() if isinstance(part, Value) else part for part in kept))
        block.parts = kept
        return block

    def __str__(self) -> str:
        return self


def flattened(parts: Iterable[str]) -> Iterator[str]:
    """The parts, those of blocks in their place."""
    for part in parts:
        if isinstance(part, Pieces):
            yield from part.parts
        else:
            yield part


def write(writer: Writer, part: str) -> str:
    """One part, written for the place where the writer is."""
    if isinstance(part, Value):
        return writer.value(part.held)
    return writer.json(part) if type(part) is Written else writer.literal(part)
