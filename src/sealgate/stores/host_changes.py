"""Who changed the hosts that a secret may be sent to, in the SQL store."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select

from sealgate.stores.database import Transaction
from sealgate.stores.ports import HostChange
from sealgate.stores.schema import host_changes


async def record_host_change(
    transaction: Transaction,
    tenant: str,
    name: str,
    *,
    before: Sequence[str],
    after: Sequence[str],
    at: float,
    actor: str,
) -> None:
    """Nothing where the list stays what it was."""
    if list(before) != list(after):
        await transaction.execute(
            insert(host_changes).values(
                tenant=tenant, name=name, allowed_hosts=list(after), changed_at=at, changed_by=actor
            )
        )


async def newest_host_changes(
    transaction: Transaction, tenant: str, name: str, limit: int
) -> Sequence[HostChange]:
    """The newest first."""
    query = (
        select(host_changes)
        .where(host_changes.c.tenant == tenant, host_changes.c.name == name)
        .order_by(host_changes.c.id.desc())
        .limit(limit)
    )
    return [
        HostChange(tuple(row.allowed_hosts), row.changed_at, row.changed_by)
        for row in await transaction.execute(query)
    ]
