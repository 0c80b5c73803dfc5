"""Values as text and as lists, each paid for before it is made; only data has a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sealgate.templates.limits import Container, Refused
from sealgate.templates.pieces import Pieces, Value, flattened, write
from sealgate.templates.rendering import current
from sealgate.templates.writers import Dialect, Missing, writer_for

DATA = (str, bytes, bool, int, float, range)


def concat(parts: Iterable[str]) -> Pieces:
    """The output of a macro, a recursive loop or a `{% set %}` block, paid for piece by piece.

    Its text is JSON where the block is written as JSON: `{{ block | trim }}` and `block | from_json`
    must not read a quote in a value as the end of a string."""
    budget = current().budget
    kept: list[str] = []
    texts: list[str] = []
    length = 0
    for part in flattened(parts):
        text = text_of(part.held) if isinstance(part, Value) else part
        length += len(text)
        budget.copied(text)
        if length > budget.limits.text:
            budget.made(length)
        kept.append(part)
        texts.append(text)
    as_json = _json_text(kept)
    return Pieces.of(kept, "".join(texts) if as_json is None else as_json)


def _json_text(parts: list[str]) -> str | None:
    """The text of parts that make one JSON object or list, each value written for its place in it;
    `None` for anything else. What is printed before its first and after its last text is no part of it."""
    own = [number for number, part in enumerate(parts) if not isinstance(part, Value) and part.strip()]
    if not own or not parts[own[0]].lstrip().startswith(("{", "[")):
        return None
    budget = current().budget
    writer = writer_for(Dialect.JSON)
    texts: list[str] = []
    length = 0
    for number, part in enumerate(parts):
        inside = own[0] < number < own[-1]
        text = text_of(part.held) if isinstance(part, Value) and not inside else write(writer, part)
        length += len(text)
        budget.copied(text)
        if length > budget.limits.text:
            budget.made(length)
        texts.append(text)
    whole = "".join(texts)
    budget.objects(sum(whole.count(mark) for mark in ",[{"))
    return whole if writer_for(Dialect.JSON).value(whole) == whole else None


def text_of(value: Any) -> str:
    """The text that an ordinary string made of a value has: nothing for `None` and what is not there.

    Raises Refused for what is no data: a function, a loop, a namespace."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, Missing):
        return str(value)
    current().budget.written(value)
    only_data(value)
    return str(value)


def only_data(value: Any) -> None:
    """Raises Refused when there is something else than data in a value that was walked."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, Mapping):
            pending += item
            pending += item.values()
        elif isinstance(item, Container):
            pending += item
        elif item is not None and not isinstance(item, (*DATA, Missing)):
            raise Refused(f"a {type(item).__name__} has no text")


def listed(value: Any) -> list[Any]:
    """What a loop would take from a value, as a new list."""
    budget = current().budget
    if isinstance(value, str):
        budget.cut(value)
    elif isinstance(value, (list, tuple)):
        budget.listed(len(value))
    elif isinstance(value, (*Container, range)):
        budget.objects(len(value))
    elif not isinstance(value, Missing) and not hasattr(type(value), "__next__"):
        raise Refused(f"a {type(value).__name__} is not a list")
    return list(budget.counted(value))
