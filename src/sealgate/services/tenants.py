"""Names of tenants: one path segment that needs no encoding."""

from __future__ import annotations

import re

from sealgate.errors import NotFound

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


def require_tenant(name: str) -> None:
    """Raises NotFound when there can be no tenant of this name."""
    if not NAME.fullmatch(name):
        raise NotFound(
            f"{name[:100]!r} cannot be a tenant: letters, digits, hyphens and underscores only, at most 100"
        )
