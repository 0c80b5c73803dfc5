"""Members of a document as a form shows and posts them: one text each, and what was posted as a document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sealgate.findings import Finding


@dataclass(frozen=True, slots=True)
class Reading:
    """What was posted: the document as far as it can be read, why it cannot be read further, and the texts
    at fault as they were typed."""

    document: dict[str, Any]
    faults: tuple[Finding, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)


def as_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def as_line(text: str) -> str:
    """As a browser's field of one line has it (HTML, value sanitization)."""
    return text.replace("\r", "").replace("\n", "")


def as_posted(text: str) -> str:
    """As a browser posts the text of a textarea and `Form` reads it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def text_of(value: Any, default: str = "") -> str:
    if value is None:
        return default
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def members_of(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def is_on(value: Any, default: bool) -> bool:
    return default if value is None else bool(value)


def put(document: dict[str, Any], path: str, posted: str, shown: str) -> None:
    """Write what was posted over a member, unless it is what the form showed; an emptied one goes."""
    if posted == shown:
        return
    if posted:
        document[path] = posted
    else:
        document.pop(path, None)
