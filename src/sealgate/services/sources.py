"""Registry sources: one file, one owner (REFERENCE section 13)."""

from __future__ import annotations

import re
from typing import Any

from sealgate.errors import DocumentInvalid
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.registry.follow import SUFFIX
from sealgate.registry.sync import SyncResult, sync_registry

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


async def apply_registry(
    engine: Engine, tenant: str, source: str, document: Any, *, actor: str, strict: bool = False
) -> SyncResult:
    """Make a source's connectors exactly those of a parsed registry file, all or nothing.

    Raises DocumentInvalid with every fault of every connector."""
    if not NAME.fullmatch(source):
        message = "a source's name has letters, digits, dots, hyphens and underscores, at most 100"
        raise DocumentInvalid(message, fields=[Finding("source", message)])
    if engine.settings.registry is not None and source.endswith(SUFFIX):
        message = f"names that end with {SUFFIX} belong to the files that SEALGATE_REGISTRY follows"
        raise DocumentInvalid(message, fields=[Finding("source", message, hint="choose another name")])
    return await sync_registry(engine, tenant, source, document, actor=actor, strict=strict)
