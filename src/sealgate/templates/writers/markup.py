"""HTML and XML: a value is character data, or (a part of) a quoted attribute value."""

from __future__ import annotations

from sealgate.templates.writers.base import Writer
from sealgate.templates.writers.values import plain_text

# Numeric references for the quotes: HTML 4 does not know &apos;, XML without a DTD does not know more.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"})


_IN_JSON = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


class MarkupWriter(Writer):
    """Follows the literal pieces only to know a tag, where JSON ends an attribute, from the rest."""

    def __init__(self) -> None:
        self._in_tag = False

    def literal(self, text: str) -> str:
        opened, closed = text.rfind("<"), text.rfind(">")
        if opened != closed:
            self._in_tag = opened > closed
        return text

    def json(self, text: str) -> str:
        return self.value(text) if self._in_tag else text.translate(_IN_JSON)

    def value(self, value: object) -> str:
        return plain_text(value).translate(_ENTITIES)
