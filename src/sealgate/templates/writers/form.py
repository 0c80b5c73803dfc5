"""`application/x-www-form-urlencoded`: a value is a key, a value, or a part of one."""

from __future__ import annotations

from urllib.parse import quote_plus

from sealgate.templates.writers.base import Writer
from sealgate.templates.writers.values import plain_text


class FormWriter(Writer):
    def literal(self, text: str) -> str:
        return text

    def json(self, text: str) -> str:
        return self.value(text)

    def value(self, value: object) -> str:
        return quote_plus(plain_text(value))
