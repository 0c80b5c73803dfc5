"""Names of secrets and variables (REFERENCE section 5): what a template can write as `get_secret('…')`."""

from __future__ import annotations

import re

from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MAX_LENGTH = 255


def require_name(name: str) -> None:
    """Raises DocumentInvalid when the name cannot be one of a secret or a variable."""
    if not NAME.fullmatch(name) or len(name) > MAX_LENGTH:
        message = (
            f"{name[:MAX_LENGTH]!r} cannot be a name: letters, digits and underscores only, "
            f"not beginning with a digit, at most {MAX_LENGTH} characters"
        )
        raise DocumentInvalid(message, fields=[Finding("name", message)])
