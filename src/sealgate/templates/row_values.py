"""What a compiled row template calls (see `rows`): values as text, look-ups that may find nothing.

It takes what JSON is parsed to, by exact type; anything else is Unforeseen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from json.encoder import encode_basestring, encode_basestring_ascii
from math import isfinite
from typing import Any

from sealgate.templates.filters import FILTERS
from sealgate.templates.internal import joined_text, walked
from sealgate.templates.json_filters import for_html, tojson
from sealgate.templates.operations import METHODS, binary
from sealgate.templates.rendering import current
from sealgate.templates.writers import inside, outside

SHORT = 1024
"""Characters of a text that a round of a loop pays for."""


class Unforeseen(Exception):
    """Left to the ordinary way of rendering."""


def _float(value: float) -> str:
    if not isfinite(value):
        raise Unforeseen
    return repr(value)


_FLAT: Mapping[type, Callable[[Any], str]] = {
    int: str,
    float: _float,
    bool: lambda value: "true" if value else "false",
    type(None): lambda value: "null",
}
_OUTSIDE: Mapping[type, Callable[[Any], str]] = {str: outside, list: outside, dict: outside}
_INSIDE: Mapping[type, Callable[[Any], str]] = {str: inside, list: inside, dict: inside}


def written_outside(value: Any) -> str:
    """A value that stands by itself."""
    write = _FLAT.get(type(value))
    return _paid(_OUTSIDE, value) if write is None else write(value)


def written_inside(value: Any) -> str:
    """A value between quotes."""
    if value is None:
        return ""
    write = _FLAT.get(type(value))
    return _paid(_INSIDE, value) if write is None else write(value)


def _paid(writers: Mapping[type, Callable[[Any], str]], value: Any) -> str:
    """What may be long costs by its length: many of them are made before the output is judged."""
    write = writers.get(type(value))
    if write is None:
        raise Unforeseen
    text = write(value)
    current().budget.made(len(text), text)
    return text


def tojson_text(value: Any) -> str:
    """The filter `tojson`, what it takes being paid for by the round of the loop where it is little."""
    if type(value) is str and len(value) < SHORT:
        return for_html(encode_basestring_ascii(value))
    write = _FLAT.get(type(value))
    return str(tojson(value)) if write is None else write(value)


def compared(value: Any) -> Any:
    """An operand of a comparison."""
    flat = type(value) in _FLAT or (type(value) is str and len(value) < SHORT)
    return value if flat else walked(value)


def only_list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise Unforeseen
    return value


def found(value: Any, *keys: str) -> Any:
    """A member of a member …; `None` where nothing is there."""
    for key in keys:
        if type(value) is dict and key in value:
            value = value[key]
        elif value is None or (type(value) is dict and key not in METHODS[dict]):
            return None
        else:
            raise Unforeseen
    return value


def whole(parts: list[str]) -> str:
    """The output. Raises UnicodeEncodeError for half a surrogate pair, which JSON must escape."""
    text = "".join(parts)
    text.encode()
    return text


RUNTIME: Mapping[str, Any] = {
    "FILTERS": FILTERS,
    "Unforeseen": Unforeseen,
    "binary": binary,
    "compared": compared,
    "found": found,
    "inside": inside,
    "joined_text": joined_text,
    "only_list": only_list,
    "quoted": encode_basestring,
    "tojson_text": tojson_text,
    "whole": whole,
    "written_inside": written_inside,
    "written_outside": written_outside,
}
