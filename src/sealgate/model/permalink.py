"""Permalinks: the name by which a caller runs a connector (REFERENCE section 2)."""

from __future__ import annotations

import re

MAX_LENGTH = 255
PATTERN = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
PERMALINK = re.compile(PATTERN)


def permalink_of(name: str) -> str:
    """The permalink derived from a connector's name: lower case, each run of other characters one
    dash. Empty when the name has no letter a-z and no digit."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:MAX_LENGTH].strip("-")
