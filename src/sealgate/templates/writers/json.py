"""JSON (RFC 8259): a value stands inside a string, or outside of one."""

from __future__ import annotations

import json
import re

import orjson

from sealgate.errors import TemplateLimitExceeded
from sealgate.templates.writers.base import Missing, Unwritable, Writer
from sealgate.templates.writers.values import MAX_ITEMS, check, json_text

_QUOTE_OR_BACKSLASH = re.compile(r'["\\]')
_BEGUN_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{0,3})?\Z")
_MAY_BE_JSON = re.compile(r'[ \t\n\r]*["\[{0-9-]')


class JsonWriter(Writer):
    """Follows the literal pieces with the smallest lexer that knows a string from the rest."""

    def __init__(self) -> None:
        self._in_string = False
        self._begun = ""  # an escape whose rest the next piece brings

    def literal(self, text: str) -> str:
        pending, position = self._begun + text, 0
        self._begun = ""
        while position < len(pending):
            position = (
                self._string(pending, position) if self._in_string else self._outside(pending, position)
            )
        return text

    def json(self, text: str) -> str:
        return self.value(str(text)) if self._in_string else self.literal(text)

    def value(self, value: object) -> str:
        if self._begun:
            raise Unwritable("a value stands right after a backslash, in the middle of a JSON escape")
        if isinstance(value, Missing):
            return ""
        if not self._in_string:
            return value if isinstance(value, str) and _is_json(value) else json_text(value)
        if value is None:
            return ""
        return _inside(str(value) if isinstance(value, (str, bytes)) else json_text(value))

    def _outside(self, text: str, position: int) -> int:
        quote = text.find('"', position)
        if quote < 0:
            return len(text)
        self._in_string = True
        return quote + 1

    def _string(self, text: str, position: int) -> int:
        found = _QUOTE_OR_BACKSLASH.search(text, position)
        if found is None:
            return len(text)
        if found[0] == '"':
            self._in_string = False
            return found.end()
        begun = _BEGUN_ESCAPE.match(text, found.start())
        if begun:
            self._begun = begun[0]
            return len(text)
        return found.end() + 1


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
