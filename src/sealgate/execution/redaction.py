"""Find secrets in what goes out and take them away.

An API's error page that prints the request it got must not hand the credential to the browser, and
neither may an error text, a trace or a log. A secret is looked for as it is and in the forms that
software writes it in: JSON, URL, HTML and Python escapes, hexadecimal, and base64 at each of the
three alignments at which it can stand inside a longer text (`user:password` in Basic).
"""

from __future__ import annotations

import base64
import html
import json
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

MARK = "[redacted]"
SHORTEST = 4
"""Shorter texts are not looked for: they stand everywhere, and hiding them would tell where."""
NEVER = sys.maxsize
"""The shortest form of no value at all."""
MOST_EXTENDED = 64
"""Redactors of one tenant that are kept for the next run with the same credentials."""


class Redactor:
    """Removes a set of secret values, and those of `also`. The forms are made on first use, and once:
    a tenant's are shared by all its runs."""

    __slots__ = ("_also", "_extended", "_forms", "_shortest", "_shortest_of_all", "_values")

    def __init__(self, values: Iterable[str], also: Redactor | None = None) -> None:
        self._values = frozenset(value for value in values if len(value) >= SHORTEST)
        self._also = also
        self._forms: tuple[bytes, ...] | None = None
        self._shortest: int = min(map(_shortest_form, self._values), default=NEVER)
        self._shortest_of_all: int = min(self._shortest, also._shortest_of_all) if also else self._shortest
        self._extended: dict[frozenset[str], Redactor] = {}

    def __or__(self, values: Iterable[str]) -> Redactor:
        """A redactor that also knows these values; the same one again for the same values."""
        more = frozenset(values) - self._values
        if not more:
            return self
        known = self._extended.get(more)
        if known is None:
            if len(self._extended) >= MOST_EXTENDED:
                self._extended.clear()
            known = self._extended[more] = Redactor(more, also=self)
        return known

    def text(self, text: str) -> str:
        """The text without any secret."""
        if len(text) < self._shortest_of_all:
            return text
        return self.data(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def data(self, data: bytes) -> bytes:
        """The bytes without any secret."""
        if len(data) >= self._shortest:
            for form in self._known_forms():
                if form in data:
                    data = data.replace(form, MARK.encode())
        return self._also.data(data) if self._also else data

    def beginning(self, data: bytes) -> bytes:
        """The same for the beginning of something longer: without what could be a secret's first part."""
        clean = self.data(data)
        return clean[: max(0, len(clean) - self._longest() + 1)]

    def tree(self, value: Any) -> Any:
        """A JSON tree without any secret in its strings and member names."""
        # One search through all of them costs far less than one through each, and seldom finds anything.
        joined = "\n".join(_texts(value))
        return value if self.text(joined) == joined else self._tree(value)

    def _tree(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(name)): self._tree(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._tree(item) for item in value]
        return value

    async def stream(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The stream without any secret, those that lie across chunk borders included."""
        longest = self._longest()
        held = b""
        async for chunk in chunks:
            held = self.data(held + chunk)
            # What could be the beginning of a secret waits for the next chunk.
            ready = max(0, len(held) - longest + 1)
            if ready:
                yield held[:ready]
                held = held[ready:]
        if held:
            yield held

    def _known_forms(self) -> tuple[bytes, ...]:
        if self._forms is None:
            forms = {form for value in self._values for form in _forms_of(value)}
            self._forms = tuple(sorted(forms, key=len, reverse=True))
        return self._forms

    def _longest(self) -> int:
        own = max(map(len, self._known_forms()), default=0)
        return max(own, self._also._longest()) if self._also else own


def _texts(tree: Any) -> Iterator[str]:
    """Every string and member name of a JSON tree."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for name, item in tree.items():
            yield str(name)
            yield from _texts(item)
    elif isinstance(tree, (list, tuple)):
        for item in tree:
            yield from _texts(item)


def _shortest_form(value: str) -> int:
    """No form of a value is shorter than the value, but for the lines of one that has several."""
    return len(value) if len(value.splitlines()) == 1 else SHORTEST


def _forms_of(value: str) -> set[bytes]:
    raw = value.encode("utf-8", "surrogatepass")
    texts = {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(value)[1:-1])[1:-1],
        json.dumps(value)[1:-1].replace("/", "\\/"),
        html.escape(value),
        html.escape(value).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
        repr(value)[1:-1],
        value.replace("\n", "\\n"),
        value.replace("\n", " "),
    }
    escaped = {quote(raw, safe=""), quote(raw), quote_plus(raw), quote(raw, safe="~()*!'")}
    texts |= escaped | {_lower_escapes(text) for text in escaped}
    forms = {text.encode("utf-8", "surrogatepass") for text in texts}
    forms |= {raw.hex().encode(), raw.hex().upper().encode()}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        forms |= {_inside_base64(raw, offset, encode) for offset in range(3)}
    # A PEM file is printed line by line as often as whole.
    forms |= {line.encode() for line in value.splitlines() if len(line) >= 16 and "-----" not in line}
    return {form for form in forms if len(form) >= SHORTEST}


def _inside_base64(raw: bytes, offset: int, encode: object) -> bytes:
    """The characters that the value alone decides when it stands `offset` bytes into a group."""
    encoded: bytes = encode(b"\0" * offset + raw)  # type: ignore[operator]
    first = -(-offset * 8 // 6)
    last = (offset + len(raw)) * 8 // 6
    return encoded[first:last]


def _lower_escapes(text: str) -> str:
    pieces = text.split("%")
    return "%".join([pieces[0], *(piece[:2].lower() + piece[2:] for piece in pieces[1:])])
