"""Connectors in the SQL store. A revision is the number of the change that wrote it: it grows with each
change, and a connector that is deleted and made again never meets an old `ETag`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from sys import intern
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, update

from sealgate.errors import Conflict, ConnectorNotFound, PreconditionFailed
from sealgate.stores.database import Transaction
from sealgate.stores.part import Part
from sealgate.stores.ports import ConnectorChanges, StoredConnector, text_of
from sealgate.stores.revisions import keep_deleted, keep_saved
from sealgate.stores.schema import connectors, sources, tenants

_ROWS_AT_ONCE = 1000


class Connectors(Part):
    async def list_connectors(self, tenant: str) -> Sequence[StoredConnector]:
        async with self._database.read() as transaction:
            return await read_connectors(transaction, tenant)

    async def get_connector(self, tenant: str, permalink: str) -> StoredConnector:
        async with self._database.read() as transaction:
            found = await _find(transaction, tenant, permalink)
        if found is None:
            raise _unknown(tenant, permalink)
        return found

    async def put_connector(
        self,
        tenant: str,
        permalink: str,
        document: dict[str, Any],
        *,
        actor: str,
        create_only: bool = False,
        if_revision: int | None = None,
    ) -> tuple[StoredConnector, bool]:
        async with self._database.change(tenant) as (transaction, revision):
            return await self._write_connector(
                transaction,
                revision,
                tenant,
                permalink,
                document,
                actor=actor,
                create_only=create_only,
                if_revision=if_revision,
            )

    async def _write_connector(
        self,
        transaction: Transaction,
        revision: int,
        tenant: str,
        permalink: str,
        document: dict[str, Any],
        *,
        actor: str,
        create_only: bool,
        if_revision: int | None = None,
    ) -> tuple[StoredConnector, bool]:
        found = await _find(transaction, tenant, permalink)
        if found is not None and create_only:
            raise Conflict(f"connector {permalink!r} exists: choose another permalink, or replace it")
        _require(found, permalink, if_revision)
        await self._keys.ensure_tenant(transaction, tenant)
        stored = _row(tenant, permalink, document, revision, None, actor)
        if found is None:
            await transaction.execute(insert(connectors).values(stored))
        else:
            stored["created_at"] = found.created_at
            await transaction.execute(update(connectors).where(*_is(tenant, permalink)).values(stored))
        await keep_saved(transaction, tenant, [stored])
        return _stored(stored), found is None

    async def delete_connector(
        self, tenant: str, permalink: str, *, actor: str, if_revision: int | None = None
    ) -> None:
        async with self._database.change(tenant) as (transaction, revision):
            found = await _find(transaction, tenant, permalink)
            if found is None:
                raise _unknown(tenant, permalink)
            _require(found, permalink, if_revision)
            await transaction.execute(delete(connectors).where(*_is(tenant, permalink)))
            await keep_deleted(transaction, tenant, [permalink], revision, actor=actor)

    async def apply_source(self, tenant: str, changes: ConnectorChanges, *, actor: str) -> None:
        """Write a source's changes, all or nothing. What is already there under this source is replaced,
        what is already gone stays gone. Raises Conflict with every permalink that belongs elsewhere, and
        when the source itself was changed or deleted meanwhile."""
        async with self._database.change(tenant) as (transaction, revision):
            await _require_source(transaction, tenant, changes)
            known = await _owners(transaction, tenant)
            wanted = dict(changes.created + changes.updated)
            touched = [*wanted, *changes.deleted]
            foreign = [name for name in touched if name in known and known[name] != changes.source]
            if foreign:
                raise Conflict(
                    f"source {changes.source!r} may not change connectors that were made by hand or belong "
                    f"to another source: {', '.join(foreign)}. Rename them here or delete them there",
                    params=foreign,
                )
            await self._keys.ensure_tenant(transaction, tenant)
            rows = [
                _row(tenant, permalink, document, revision, changes.source, actor)
                for permalink, document in wanted.items()
            ]
            await _insert_all(transaction, [row for row in rows if row["permalink"] not in known])
            await _update_all(transaction, [row for row in rows if row["permalink"] in known])
            await _delete_all(transaction, tenant, changes.deleted)
            await keep_saved(transaction, tenant, rows)
            gone = [permalink for permalink in changes.deleted if permalink in known]
            await keep_deleted(transaction, tenant, gone, revision, actor=actor)


async def read_connectors(transaction: Transaction, tenant: str) -> tuple[StoredConnector, ...]:
    """All connectors of a tenant, by permalink."""
    query = select(connectors).where(connectors.c.tenant == tenant).order_by(connectors.c.permalink)
    return tuple(_stored(row) for row in (await transaction.execute(query)).mappings())


async def changed_connectors(
    transaction: Transaction, since: int, held: Mapping[str, Mapping[str, StoredConnector]]
) -> dict[str, dict[str, StoredConnector]]:
    """All connectors of each tenant that changed after `since`, by permalink; those of `held`, which were
    there at `since`, are read only where they changed."""
    counted = (
        select(tenants.c.name, func.count(connectors.c.permalink).label("connectors"))
        .outerjoin_from(tenants, connectors)
        .where(tenants.c.changed > since)
        .group_by(tenants.c.name)
    )
    counts = {row.name: row.connectors for row in await transaction.execute(counted)}
    found = {tenant: dict(held.get(tenant, {})) for tenant in counts}

    def read(connection: Connection) -> None:
        query = select(connectors).where(connectors.c.revision > since)
        # In pieces: the rows of a large store need not all be in memory beside what is made of them.
        for row in connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE}):
            found[row.tenant][row.permalink] = _stored(row._mapping)

    await transaction.run(read)
    for tenant, count in counts.items():
        if len(found[tenant]) > count:
            await _drop_deleted(transaction, tenant, found[tenant])
    return found


async def _drop_deleted(transaction: Transaction, tenant: str, found: dict[str, StoredConnector]) -> None:
    query = select(connectors.c.permalink).where(connectors.c.tenant == tenant)
    there = set((await transaction.execute(query)).scalars())
    for permalink in found.keys() - there:
        del found[permalink]


async def _find(transaction: Transaction, tenant: str, permalink: str) -> StoredConnector | None:
    rows = await transaction.execute(select(connectors).where(*_is(tenant, permalink)))
    row = rows.mappings().one_or_none()
    return None if row is None else _stored(row)


async def _owners(transaction: Transaction, tenant: str) -> dict[str, str | None]:
    query = select(connectors.c.permalink, connectors.c.source).where(connectors.c.tenant == tenant)
    return {row.permalink: row.source for row in await transaction.execute(query)}


async def _require_source(transaction: Transaction, tenant: str, changes: ConnectorChanges) -> None:
    if changes.source_revision is None:
        return
    query = select(sources.c.revision).where(sources.c.tenant == tenant, sources.c.name == changes.source)
    if (await transaction.execute(query)).scalar_one_or_none() != changes.source_revision:
        raise Conflict(f"the source {changes.source!r} was changed or deleted while it ran")


def _require(found: StoredConnector | None, permalink: str, if_revision: int | None) -> None:
    """What must hold before a connector is changed by hand (`If-Match`: RFC 9110 section 13.1.1)."""
    if found is not None and found.source is not None:
        raise Conflict(
            f"connector {permalink!r} belongs to the source {found.source!r}: change it there",
            params=[permalink],
        )
    if if_revision is not None and (found is None or found.revision != if_revision):
        raise PreconditionFailed(
            f"connector {permalink!r} is not at revision {if_revision} any more: read it again, "
            "then repeat the change"
        )


async def _insert_all(transaction: Transaction, rows: list[dict[str, Any]]) -> None:
    if rows:
        await transaction.execute(insert(connectors), rows)


async def _update_all(transaction: Transaction, rows: list[dict[str, Any]]) -> None:
    changed = ("document", "revision", "updated_at", "updated_by")
    statement = (
        update(connectors)
        .where(connectors.c.tenant == bindparam("of"), connectors.c.permalink == bindparam("at"))
        .values({name: bindparam(name) for name in changed})
    )
    if rows:
        await transaction.execute(
            statement,
            [
                {"of": row["tenant"], "at": row["permalink"], **{name: row[name] for name in changed}}
                for row in rows
            ],
        )


async def _delete_all(transaction: Transaction, tenant: str, permalinks: Sequence[str]) -> None:
    statement = delete(connectors).where(
        connectors.c.tenant == tenant, connectors.c.permalink == bindparam("at")
    )
    if permalinks:
        await transaction.execute(statement, [{"at": permalink} for permalink in permalinks])


def _is(tenant: str, permalink: str) -> tuple[Any, Any]:
    return connectors.c.tenant == tenant, connectors.c.permalink == permalink


def _row(
    tenant: str, permalink: str, document: dict[str, Any], revision: int, source: str | None, actor: str
) -> dict[str, Any]:
    now = time.time()
    return {
        "tenant": tenant,
        "permalink": permalink,
        "document": text_of(document),
        "revision": revision,
        "source": source,
        "created_at": now,
        "updated_at": now,
        "updated_by": actor,
    }


def _stored(row: RowMapping | dict[str, Any]) -> StoredConnector:
    source = row["source"]
    return StoredConnector(
        permalink=row["permalink"],
        text=row["document"],
        revision=row["revision"],
        # A few names stand in very many rows: each is held once.
        source=source and intern(source),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        updated_by=intern(row["updated_by"]),
    )


def _unknown(tenant: str, permalink: str) -> ConnectorNotFound:
    return ConnectorNotFound(f"there is no connector {permalink!r} in tenant {tenant!r}")
