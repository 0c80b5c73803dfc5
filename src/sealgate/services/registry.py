"""The registry file of what a tenant has."""

from __future__ import annotations

from typing import Any

from sealgate.execution.engine import Engine
from sealgate.registry.export import export_registry


async def get_registry(engine: Engine, tenant: str, source: str | None = None) -> dict[str, Any]:
    """All connectors as one registry document; with `source` only those that it owns. Raises NotFound."""
    if source is not None:
        await engine.store.get_source(tenant, source)
    stored = await engine.store.list_connectors(tenant)
    return export_registry(each for each in stored if source is None or each.source == source)
