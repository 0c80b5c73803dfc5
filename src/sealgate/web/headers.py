"""A request's header fields as the web layer reads them: lower-case names, order and duplicates kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sealgate.message import Fields


def decode(raw: Iterable[tuple[bytes, bytes]]) -> Fields:
    """From ASGI. Bytes beyond ASCII are kept one to one (RFC 9110 section 5.5)."""
    return Fields([(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw])


def encode(fields: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """For ASGI. A value comes from an upstream or from us; what HTTP cannot carry is replaced."""
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in fields]


def values(fields: Fields, name: str) -> list[str]:
    """Every value of a field, by its lower-case name."""
    return [value for key, value in fields if key == name]


def cookie(fields: Fields, name: str) -> str | None:
    """The value of a cookie (RFC 6265 section 4.2.1)."""
    for value in values(fields, "cookie"):
        for pair in value.split(";"):
            key, found, content = pair.strip().partition("=")
            if found and key == name:
                return content.strip('"')
    return None
