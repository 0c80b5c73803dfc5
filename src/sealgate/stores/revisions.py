"""What connectors were, in the SQL store. A revision is written in the transaction of the change that
makes it; what is too old is forgotten in the same."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from sealgate.errors import NotFound
from sealgate.stores.database import Transaction
from sealgate.stores.part import Part
from sealgate.stores.revision_ports import DAYS_AFTER_DELETION, KEPT, RevisionInfo, StoredRevision
from sealgate.stores.schema import connector_revisions as revisions

DAY = 86_400.0
_INFO = [revisions.c[name] for name in RevisionInfo.__slots__]


class Revisions(Part):
    async def list_revisions(self, tenant: str, permalink: str) -> Sequence[RevisionInfo]:
        query = select(*_INFO).where(*_remembered(tenant, permalink)).order_by(revisions.c.revision.desc())
        async with self._database.read() as transaction:
            return [_info(row) for row in await transaction.execute(query)]

    async def get_revision(self, tenant: str, permalink: str, revision: int) -> StoredRevision:
        query = select(*_INFO, revisions.c.document).where(
            *_remembered(tenant, permalink), revisions.c.revision == revision
        )
        async with self._database.read() as transaction:
            row = (await transaction.execute(query)).one_or_none()
        if row is None:
            raise NotFound(f"there is no revision {revision} of connector {permalink!r} in tenant {tenant!r}")
        return StoredRevision(_info(row), row.document)


async def keep_saved(transaction: Transaction, tenant: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep what was saved: rows of `connectors`."""
    kept = [
        {
            "tenant": tenant,
            "permalink": row["permalink"],
            "revision": row["revision"],
            "document": row["document"],
            "source": row["source"],
            "deleted": False,
            "saved_at": row["updated_at"],
            "saved_by": row["updated_by"],
        }
        for row in rows
    ]
    await _keep(transaction, tenant, kept, forget_at=None)


async def keep_deleted(
    transaction: Transaction, tenant: str, permalinks: Sequence[str], revision: int, *, actor: str
) -> None:
    """Keep that these were deleted."""
    now = time.time()
    kept = [
        {
            "tenant": tenant,
            "permalink": permalink,
            "revision": revision,
            "document": b"{}",
            "source": None,
            "deleted": True,
            "saved_at": now,
            "saved_by": actor,
        }
        for permalink in permalinks
    ]
    await _keep(transaction, tenant, kept, forget_at=now + DAYS_AFTER_DELETION * DAY)


async def _keep(
    transaction: Transaction, tenant: str, rows: list[dict[str, Any]], *, forget_at: float | None
) -> None:
    if not rows:
        return
    await transaction.execute(insert(revisions), rows)
    touched = [{"of": tenant, "at": row["permalink"]} for row in rows]
    of_one = (revisions.c.tenant == bindparam("of"), revisions.c.permalink == bindparam("at"))
    await transaction.execute(update(revisions).where(*of_one).values(forget_at=forget_at), touched)
    oldest = select(revisions.c.revision).where(*of_one).order_by(revisions.c.revision.desc())
    beyond = oldest.offset(KEPT).limit(1).scalar_subquery()
    await transaction.execute(delete(revisions).where(*of_one, revisions.c.revision <= beyond), touched)
    await transaction.execute(delete(revisions).where(revisions.c.forget_at <= time.time()))


def _remembered(tenant: str, permalink: str) -> tuple[Any, Any, Any]:
    forgotten_later = revisions.c.forget_at.is_(None) | (revisions.c.forget_at > time.time())
    return revisions.c.tenant == tenant, revisions.c.permalink == permalink, forgotten_later


def _info(row: Row[Any]) -> RevisionInfo:
    return RevisionInfo(**{name: getattr(row, name) for name in RevisionInfo.__slots__})
