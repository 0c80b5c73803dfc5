"""Text without a grammar: a value is written as it is."""

from __future__ import annotations

from sealgate.templates.writers.base import Writer
from sealgate.templates.writers.values import plain_text


class PlainWriter(Writer):
    def literal(self, text: str) -> str:
        return text

    def value(self, value: object) -> str:
        return plain_text(value)
