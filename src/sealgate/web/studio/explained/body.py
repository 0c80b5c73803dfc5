"""A body and a header that came from anywhere, as much of them as a page can hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

MOST_TEXT = 64 * 1024
"""Characters of a body that a page shows as they are."""
MOST_PARSED = 4 * 1024 * 1024
"""Bytes of a body that are parsed to be shown as a tree."""
MOST_BINARY = 512
MOST_HEADERS = 100
MOST_VALUE = 1000
TEXT_TYPES = ("text/", "json", "xml", "javascript", "x-www-form-urlencoded", "yaml", "csv")

Kind = Literal["empty", "json", "text", "binary"]


@dataclass(frozen=True, slots=True)
class ShownBody:
    """`size` is in bytes. `value` is the parsed JSON of the kind `json`; `text` is what stands in the body,
    a hex dump of the kind `binary`; `notes` say in words what is not shown as it is."""

    kind: Kind
    size: int
    media_type: str
    text: str = ""
    value: Any = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownHeaders:
    rows: tuple[tuple[str, str], ...]
    left_out: int


def shown_body(body: bytes | str, media_type: str) -> ShownBody:
    """`media_type` is the value of Content-Type, empty when there is none."""
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    if not data:
        return ShownBody("empty", 0, media_type)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        if not _is_text(media_type):
            return _binary(data, media_type)
        note = f"This is no valid UTF-8: bytes that cannot be read are shown as {chr(0xFFFD)}."
        return _text(data.decode("utf-8", "replace"), data, media_type, (note,))
    if "\0" in text and not _is_text(media_type):
        return _binary(data, media_type)
    if "json" in media_type or text.lstrip()[:1] in ("{", "["):
        return _json(text, data, media_type)
    return _text(text, data, media_type)


def shown_headers(given: Mapping[str, str] | Iterable[tuple[str, str]]) -> ShownHeaders:
    rows = list(given.items()) if isinstance(given, Mapping) else list(given)
    shown = tuple((cut(name, 200), cut(value, MOST_VALUE)) for name, value in rows[:MOST_HEADERS])
    return ShownHeaders(shown, len(rows) - len(shown))


def header(given: Mapping[str, str] | Iterable[tuple[str, str]], wanted: str) -> str:
    rows = given.items() if isinstance(given, Mapping) else given
    return next((value for name, value in rows if name.lower() == wanted), "")


def cut(text: str, most: int) -> str:
    """The beginning of a text, and how much there is of it."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def bytes_in_words(size: int) -> str:
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.1f} KiB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MiB"


def _is_text(media_type: str) -> bool:
    return any(part in media_type.lower() for part in TEXT_TYPES)


def _json(text: str, data: bytes, media_type: str) -> ShownBody:
    if len(data) > MOST_PARSED:
        return _text(text, data, media_type, ("The body is too large to be shown as a tree.",))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        notes = ("The content type says JSON, and this is none.",) if "json" in media_type else ()
        return _text(text, data, media_type, notes)
    plain = _text(text, data, media_type)
    return ShownBody("json", len(data), media_type, plain.text, value, plain.notes)


def _text(text: str, data: bytes, media_type: str, notes: tuple[str, ...] = ()) -> ShownBody:
    if len(text) > MOST_TEXT:
        notes = (*notes, f"The first 64 KiB of {bytes_in_words(len(data))} are shown.")
    return ShownBody("text", len(data), media_type, text[:MOST_TEXT], None, notes)


def _binary(data: bytes, media_type: str) -> ShownBody:
    lines = [
        f"{at:08x}  {row.hex(' '):<47}  {''.join(chr(byte) if 32 <= byte < 127 else '.' for byte in row)}"
        for at in range(0, min(len(data), MOST_BINARY), 16)
        if (row := data[at : min(at + 16, MOST_BINARY)])
    ]
    notes = ("This is no text.",)
    if len(data) > MOST_BINARY:
        notes = (f"This is no text. The first {MOST_BINARY} bytes of {bytes_in_words(len(data))} are shown.",)
    return ShownBody("binary", len(data), media_type, "\n".join(lines), None, notes)
