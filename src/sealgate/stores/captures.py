"""For which connectors bodies are captured, in the SQL store: a part of what snapshots hold."""

from __future__ import annotations

from sqlalchemy import delete, select

from sealgate.errors import ConnectorNotFound, NotFound
from sealgate.stores.database import Transaction, upsert
from sealgate.stores.part import Part
from sealgate.stores.schema import captures, connectors, tenants


class Captures(Part):
    async def put_capture(self, tenant: str, permalink: str, until: float, *, actor: str) -> None:
        content = {"until": until, "created_by": actor}
        this = connectors.c.tenant == tenant, connectors.c.permalink == permalink
        statement = (
            upsert(captures)
            .values(tenant=tenant, permalink=permalink, **content)
            .on_conflict_do_update(index_elements=[captures.c.tenant, captures.c.permalink], set_=content)
        )
        async with self._database.change(tenant) as (transaction, _):
            if (await transaction.execute(select(connectors.c.permalink).where(*this))).one_or_none() is None:
                raise ConnectorNotFound(f"there is no connector {permalink!r} in tenant {tenant!r}")
            await transaction.execute(statement)

    async def delete_capture(self, tenant: str, permalink: str, *, actor: str) -> None:
        this = captures.c.tenant == tenant, captures.c.permalink == permalink
        async with self._database.change(tenant) as (transaction, _):
            if not (await transaction.execute(delete(captures).where(*this))).rowcount:
                raise NotFound(f"no bodies of {permalink!r} are captured")


async def changed_captures(transaction: Transaction, since: int) -> dict[str, dict[str, float]]:
    """Until when bodies are captured, by tenant that changed after `since` and permalink."""
    query = select(captures).join(tenants, tenants.c.name == captures.c.tenant)
    found: dict[str, dict[str, float]] = {}
    for row in await transaction.execute(query.where(tenants.c.changed > since)):
        found.setdefault(row.tenant, {})[row.permalink] = row.until
    return found
