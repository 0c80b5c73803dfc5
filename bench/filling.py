"""Configuration files with `@name@` for what is known only when a benchmark runs."""

from __future__ import annotations

import re
from pathlib import Path


def fill(template: Path, values: dict[str, object]) -> str:
    """Raises KeyError for a name that has no value."""
    return re.sub(r"@(\w+)@", lambda found: str(values[found[1]]), template.read_text())
