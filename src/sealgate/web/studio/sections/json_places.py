"""Where the members of a JSON text stand: for findings, whose paths a person cannot search for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

SPACE = re.compile(r"[ \t\r\n]*")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
SCALAR = re.compile(r"[^,\]}\s]+")


def places(text: str) -> dict[str, int]:
    """The offset of each value by its path (`headers.0.value`; the document is the empty path).

    `text` is JSON that `parse_json` took."""
    found: dict[str, int] = {}
    for path, offset in _Scanner(text).value("", _space(text, 0)):
        found.setdefault(path, offset)  # a member may have an empty name
    return found


def place_of(found: dict[str, int], path: str) -> int:
    """The offset of a path, or of the nearest one above it that is there."""
    while path not in found:
        path = path.rpartition(".")[0]
    return found[path]


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


class _Scanner:
    """Walks a text that is known to be JSON. `end` is where the last value ended."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = 0

    def value(self, path: str, offset: int) -> Iterator[tuple[str, int]]:
        yield path, offset
        match self._text[offset]:
            case "{":
                yield from self._members(path, offset)
            case "[":
                yield from self._items(path, offset)
            case '"':
                self._end = _match(STRING, self._text, offset)
            case _:
                self._end = _match(SCALAR, self._text, offset)

    def _members(self, path: str, offset: int) -> Iterator[tuple[str, int]]:
        at = _space(self._text, offset + 1)
        while self._text[at] != "}":
            end = _match(STRING, self._text, at)
            name = json.loads(self._text[at:end])
            at = _space(self._text, _space(self._text, end) + 1)
            yield from self.value(f"{path}.{name}" if path else name, at)
            at = self._after_comma()
        self._end = at + 1

    def _items(self, path: str, offset: int) -> Iterator[tuple[str, int]]:
        at = _space(self._text, offset + 1)
        index = 0
        while self._text[at] != "]":
            yield from self.value(f"{path}.{index}" if path else str(index), at)
            at = self._after_comma()
            index += 1
        self._end = at + 1

    def _after_comma(self) -> int:
        at = _space(self._text, self._end)
        return _space(self._text, at + 1) if self._text[at] == "," else at


def _space(text: str, offset: int) -> int:
    return _match(SPACE, text, offset)


def _match(pattern: re.Pattern[str], text: str, offset: int) -> int:
    found = pattern.match(text, offset)
    assert found, "the text is JSON"
    return found.end()
