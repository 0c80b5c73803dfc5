"""What a writer is, and which dialect a content type asks for."""

from __future__ import annotations

from enum import Enum
from typing import Protocol


class Dialect(Enum):
    """How the text around a value is read by whoever receives it."""

    JSON = "json"
    MARKUP = "markup"
    FORM = "form"
    PLAIN = "plain"


class Missing:
    """What a look-up gives that found nothing. An undefined type of the template engine may derive
    from it; `MISSING` serves where there is no such object."""

    __slots__ = ()

    def __str__(self) -> str:
        return ""


MISSING = Missing()


class Unwritable(ValueError):
    """A value that cannot be written at its place. The text says why and what to write instead, and
    never shows the value."""


class Writer(Protocol):
    """Writes one render, piece by piece and in order. It knows the place from what it has seen."""

    def literal(self, text: str) -> str:
        """The template's own text. Returned unchanged."""
        ...

    def json(self, text: str) -> str:
        """What `tojson` and `json_encode` made: JSON text, where that can stand as it is; elsewhere it
        is a value like any other text."""
        return self.literal(text)

    def value(self, value: object) -> str:
        """`value`, written for the current place.

        Raises Unwritable, or TemplateLimitExceeded when the value is too deep or too large."""
        ...


def dialect_of(content_type: str | None) -> Dialect | None:
    """The dialect of a media type (RFC 9110 section 8.3.1); `None` when it says nothing about it."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    _, _, subtype = media_type.partition("/")
    if subtype == "json" or subtype.endswith("+json"):
        return Dialect.JSON
    if media_type == "text/html" or subtype == "xml" or subtype.endswith("+xml"):
        return Dialect.MARKUP
    if media_type == "application/x-www-form-urlencoded":
        return Dialect.FORM
    if media_type == "text/plain":
        return Dialect.PLAIN
    return None
