"""The two textual forms of a value, each bounded before it is made.

A template can build a small object whose text is endless (a list that holds itself, or the same list
twice at every level), so a value is walked within limits first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sealgate.errors import TemplateLimitExceeded
from sealgate.templates.writers.base import Missing, Unwritable

MAX_DEPTH = 200
"""Levels of lists and objects inside each other."""
MAX_ITEMS = 1_000_000
"""Members, keys and elements in all, counted as often as they would be written."""
MAX_CHARACTERS = 10 * 1024 * 1024
"""Characters of all strings in the value."""
MAX_NUMBER_BITS = 14_000
"""Python refuses to print integers of more than 4,300 decimal digits."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def plain_text(value: object) -> str:
    """The text that Jinja prints (`True`, `{'a': 1}`), but nothing for `None` and a missing value.

    Lone surrogates become U+FFFD: no encoding of the wire can carry them (WHATWG Infra,
    "convert a string into a scalar value string")."""
    if isinstance(value, str) and value.isascii() and len(value) <= MAX_CHARACTERS:
        return str(value)
    if value is None or isinstance(value, Missing):
        return ""
    check(value)
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", str(value))


def json_text(value: object) -> str:
    """The JSON text of a value (RFC 8259), with `", "` and `": "` as separators."""
    check(value)
    try:
        text = _ENCODER.encode(value)
    except ValueError:
        raise Unwritable("NaN and Infinity have no JSON form: test the number before you print it") from None
    except TypeError:
        raise Unwritable("an object has a key that is no string: JSON has string keys only") from None
    return text if text.isascii() else _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def check(value: object) -> None:
    """Refuse what has no text, and what has too much of it.

    Raises Unwritable and TemplateLimitExceeded."""
    items = characters = 0
    pending = [(value, 0)]
    while pending:
        item, depth = pending.pop()
        items += 1
        match item:
            case str() | bytes():
                characters += len(item)
            case None | bool() | float() | Missing():
                pass
            case int():
                if item.bit_length() > MAX_NUMBER_BITS:
                    raise TemplateLimitExceeded("a value is a number of more than 4,300 digits")
            case dict() | Mapping():
                pending += [(name, depth) for name in item]
                pending += [(member, depth + 1) for member in item.values()]
            case list() | tuple():
                pending += [(element, depth + 1) for element in item]
            case _:
                raise Unwritable(_no_text(item))
        if depth > MAX_DEPTH:
            raise TemplateLimitExceeded(f"a value has more than {MAX_DEPTH} levels of lists and objects")
        if items + len(pending) > MAX_ITEMS:
            raise TemplateLimitExceeded(f"a value has more than {MAX_ITEMS:,} members")
        if characters > MAX_CHARACTERS:
            raise TemplateLimitExceeded(f"a value has more than {MAX_CHARACTERS:,} characters")


def _as_json(value: Any) -> Any:
    """What `json` does not know by itself; `check` has let nothing else through."""
    if isinstance(value, Mapping):
        return dict(value)
    return str(value) if isinstance(value, bytes) else None


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_as_json)


def _no_text(value: object) -> str:
    kind = type(value).__name__
    if callable(value):
        return f"a {kind} cannot be printed: call it with ( )"
    if hasattr(value, "__iter__"):
        return f"a {kind} cannot be printed: add `| list` or `| join`"
    return f"a {kind} cannot be printed: print one of its members"
