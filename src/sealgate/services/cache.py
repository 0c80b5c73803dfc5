"""The HTTP cache, as an admin handles it."""

from __future__ import annotations

from sealgate.execution.engine import Engine


async def purge_cache(engine: Engine, tenant: str, permalink: str | None = None) -> int:
    """Forget the cached responses of a connector, or of the tenant, in every process of this machine; how
    many there were. A connector need not exist any more."""
    return await engine.cache.purge(tenant, permalink) if engine.cache else 0
