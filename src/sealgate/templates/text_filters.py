"""Filters that make text from text; what pads, cuts or repeats is bounded before."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Any

from sealgate.templates.data import only_data, text_of
from sealgate.templates.environment import DEFAULT_FILTERS, Function
from sealgate.templates.limits import Container, LimitExceeded, Refused
from sealgate.templates.operations import replaced
from sealgate.templates.rendering import current

_MAX_WIDTH = 10_000
_WORD = re.compile(r"\w+")
_LETTERS_OF_WORDS = re.compile(r"[^-\s({\[<]+")


def bounded_width(width: Any, most: int = _MAX_WIDTH) -> int:
    """A number that is not too large. Raises LimitExceeded."""
    if not isinstance(width, int) or width > most:
        raise LimitExceeded(f"a width is a number of at most {most:,}")
    return width


def _copying(function: Callable[[str], str]) -> Function:
    """A filter whose output is about as long as its input."""

    def copying(value: Any) -> str:
        text = text_of(value)
        current().budget.copied(text)
        return function(text)

    return copying


def string(value: Any) -> str:
    """The value as text; a block's output stays what it is."""
    return text_of(value)


def replace(value: Any, old: Any, new: Any, count: int | None = None) -> str:
    """The text with each `old` as `new`."""
    text, old, new = text_of(value), text_of(old), text_of(new)
    replaced(current().budget, text, old, new)
    return text.replace(old, new, -1 if count is None else count)


def trim(value: Any, chars: str | None = None) -> str:
    text = text_of(value)
    current().budget.copied(text)
    if chars is not None:
        current().budget.search(text, text_of(chars))
    return text.strip(chars)


def title(value: Any) -> str:
    """Each word with a capital letter; other than in Python, an apostrophe ends no word."""
    text = text_of(value)
    current().budget.cut(text)
    return _LETTERS_OF_WORDS.sub(lambda word: word[0][0].upper() + word[0][1:].lower(), text)


def wordcount(value: Any) -> int:
    text = text_of(value)
    current().budget.cut(text)
    return sum(1 for _ in _WORD.finditer(text))


def striptags(value: Any) -> str:
    """The text without comments and tags, its white space as single spaces, entities resolved."""
    text = text_of(value)
    current().budget.cut(text)
    text = _without(_without(text, "<!--", "-->"), "<", ">")
    return html.unescape(" ".join(text.split()))


def _without(text: str, begin: str, end: str) -> str:
    """The text without what stands between two marks. Goes through it once."""
    kept = []
    position = 0
    while (start := text.find(begin, position)) >= 0 and (stop := text.find(end, start)) >= 0:
        kept.append(text[position:start])
        position = stop + len(end)
    return "".join([*kept, text[position:]])


def truncate(
    value: Any, length: int = 255, killwords: bool = False, end: str = "...", leeway: int = 5
) -> str:
    """The beginning of a longer text, with `end` after it; whole words unless `killwords`."""
    text, end = text_of(value), text_of(end)
    if not isinstance(length, int) or not isinstance(leeway, int) or length < len(end) or leeway < 0:
        raise Refused("truncate takes a length that is not smaller than the length of its `end`")
    current().budget.copied(text)
    if len(text) <= length + leeway:
        return text
    kept = text[: length - len(end)]
    return (kept if killwords else kept.rsplit(" ", 1)[0]) + end


def indent(value: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    """The text with its lines, but the first and blank ones, moved to the right."""
    text = text_of(value)
    margin = width if isinstance(width, str) else " " * bounded_width(width)
    budget = current().budget
    budget.cut(text)
    lines = (text + "\n").splitlines()
    budget.made(len(text) + len(lines) * (len(margin) + 1), text, margin)
    rest = [margin + line if line or blank else line for line in lines[1:]]
    return "\n".join([(margin if first else "") + lines[0], *rest])


def center(value: Any, width: int = 80) -> str:
    text = text_of(value)
    current().budget.made(max(len(text), bounded_width(width)), text)
    return text.center(width)


def urlencode(value: Any) -> str:
    """Percent-encoded text (`/` stays), or a query of an object or of pairs (form-encoded)."""
    budget = current().budget
    if isinstance(value, Container):
        budget.written(value)
        only_data(value)
    else:
        value = text_of(value)
        budget.cut(value)
    encoded: str = DEFAULT_FILTERS["urlencode"](value)
    budget.copied(encoded)
    return encoded


TEXT_FILTERS: Mapping[str, Function] = {
    "capitalize": _copying(str.capitalize),
    "center": center,
    "indent": indent,
    "lower": _copying(str.lower),
    "replace": replace,
    "string": string,
    "striptags": striptags,
    "title": title,
    "trim": trim,
    "truncate": truncate,
    "upper": _copying(str.upper),
    "urlencode": urlencode,
    "wordcount": wordcount,
}
