"""What a render yields: the template's own text, and values that are still to be written.

Plain `str` is text of the template. `Value` is a value on its way to the writer. `Written` is JSON that
`tojson` or `json_encode` wrote. `Pieces` is the output of a macro or a `{% set %}` block: a
string to whoever computes with it, and its parts again to whoever prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sealgate.templates.writers import Writer


class Value(str):
    """Survives `str()` in the compiled template; `held` is the value itself, the text is empty."""

    __slots__ = ("held",)
    held: Any

    @classmethod
    def of(cls, held: Any) -> Value:
        value = cls()
        value.held = held
        return value

    def __str__(self) -> str:
        return self


class Written(str):
    """JSON text that a filter made."""

    __slots__ = ()

    def __str__(self) -> str:
        return self


class Pieces(str):
    """Output of a block, with its parts."""

    __slots__ = ("parts",)
    parts: tuple[str, ...]

    @classmethod
    def of(cls, parts: Iterable[str], text: str) -> Pieces:
        """Parts without blocks among them, and the text that they make."""
        block = cls(text)
        block.parts = tuple(parts)
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
