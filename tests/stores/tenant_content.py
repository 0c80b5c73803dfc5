from __future__ import annotations

from sealgate.stores import SqlStore
from sealgate.stores.ports import TenantContent


async def content_of(store: SqlStore, tenant: str = "default") -> TenantContent:
    """What a process that has just started finds."""
    _, contents = await store.load_changed(-1, {})
    return next((each for each in contents if each.tenant == tenant), TenantContent(tenant, {}, (), ()))
