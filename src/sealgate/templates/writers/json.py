"""JSON (RFC 8259): a value stands inside a string, or outside of one."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import orjson

from sealgate.errors import TemplateLimitExceeded
from sealgate.templates.writers.base import Missing, Unwritable, Writer
from sealgate.templates.writers.values import MAX_ITEMS, check, json_text

_QUOTE_OR_BACKSLASH = re.compile(r'["\\]')
_BEGUN_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{0,3})?\Z")
_MAY_BE_JSON = re.compile(r'[ \t\n\r]*["\[{0-9-]')


class Place(NamedTuple):
    """Where the next piece stands: in a string or not, and after which part of an escape."""

    in_string: bool = False
    begun: str = ""

    def after(self, text: str) -> Place:
        """The place behind a literal text: the smallest lexer that knows a string from the rest."""
        in_string, pending, position = self.in_string, self.begun + text, 0
        while True:
            if not in_string:
                quote = pending.find('"', position)
                if quote < 0:
                    return Place()
                in_string, position = True, quote + 1
            found = _QUOTE_OR_BACKSLASH.search(pending, position)
            if found is None:
                return Place(in_string=True)
            if found[0] == '"':
                in_string, position = False, found.end()
            elif begun := _BEGUN_ESCAPE.match(pending, found.start()):
                return Place(in_string=True, begun=begun[0])
            else:
                position = found.end() + 1


class JsonWriter(Writer):
    """Follows the literal pieces."""

    def __init__(self) -> None:
        self._place = Place()

    def literal(self, text: str) -> str:
        self._place = self._place.after(text)
        return text

    def json(self, text: str) -> str:
        return self.value(str(text)) if self._place.in_string else self.literal(text)

    def value(self, value: object) -> str:
        if self._place.begun:
            raise Unwritable("a value stands right after a backslash, in the middle of a JSON escape")
        if isinstance(value, Missing):
            return ""
        return inside(value) if self._place.in_string else outside(value)


def outside(value: object) -> str:
    """A value that stands by itself: a text that is JSON already as it is."""
    return value if isinstance(value, str) and _is_json(value) else json_text(value)


def inside(value: object) -> str:
    """A value, or a part of one, between the quotes of a string."""
    if value is None:
        return ""
    return _inside(str(value) if isinstance(value, (str, bytes)) else json_text(value))


def _inside(text: str) -> str:
    """The characters of a JSON string, without its quotes."""
    return json_text(text)[1:-1]


def _is_json(text: str) -> bool:
    """Whether a text is one complete JSON value, and no more than one."""
    check(text)
    if text.count("[") + text.count("{") > MAX_ITEMS:
        raise TemplateLimitExceeded(f"a JSON text has more than {MAX_ITEMS:,} lists and objects")
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return _is_unusual_json(text)
    return True


def _is_unusual_json(text: str) -> bool:
    """What the grammar allows and orjson does not: numbers beyond a double, half surrogate pairs."""
    if not _MAY_BE_JSON.match(text):
        return False
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except RecursionError:
        raise TemplateLimitExceeded("a JSON text has too many levels of lists and objects") from None
    except ValueError:
        return False
    return True


def _refuse(name: str) -> None:
    raise ValueError(name)
