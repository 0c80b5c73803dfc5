"""HTML and XML: a value is character data, or (a part of) a quoted attribute value."""

from __future__ import annotations

from sealgate.templates.writers.base import Writer
from sealgate.templates.writers.values import plain_text

# Numeric references for the quotes: HTML 4 does not know &apos;, XML without a DTD does not know more.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"})


class MarkupWriter(Writer):
    def literal(self, text: str) -> str:
        return text

    def value(self, value: object) -> str:
        return plain_text(value).translate(_ENTITIES)
