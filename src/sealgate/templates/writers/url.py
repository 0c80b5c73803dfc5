"""Path and query of a URL (RFC 3986): a value is (a part of) one segment, one name or one value."""

from __future__ import annotations

import re
from urllib.parse import quote

from sealgate.errors import UrlInvalid
from sealgate.templates.writers.base import Writer
from sealgate.templates.writers.values import plain_text

_OPEN_ESCAPE = re.compile(r"%[0-9A-Fa-f]?\Z")


class UrlWriter(Writer):
    """Percent-encodes all but the unreserved characters, which fits every place after the host."""

    def __init__(self) -> None:
        self._tail = ""

    def literal(self, text: str) -> str:
        self._tail = (self._tail + text)[-2:]
        return text

    def json(self, text: str) -> str:
        return self.value(text)

    def value(self, value: object) -> str:
        if _OPEN_ESCAPE.search(self._tail):
            raise UrlInvalid("a value stands right after a `%`, in the middle of a percent-escape; write %25")
        written = quote(plain_text(value), safe="")
        self._tail = (self._tail + written)[-2:]
        return written
