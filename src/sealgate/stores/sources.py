"""Registry sources in the SQL store, and who may run which of them when."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from sealgate.errors import Conflict, NotFound
from sealgate.stores.database import Transaction, upsert
from sealgate.stores.part import Part
from sealgate.stores.revisions import keep_deleted, keep_saved
from sealgate.stores.schema import connectors, sources
from sealgate.stores.source_ports import GitSettings, Kind, StoredSource, Trigger

LONGEST_PAUSE = 900.0
"""Seconds between two runs of a source that keeps failing, unless it is polled more seldom."""


class Sources(Part):
    async def list_sources(self, tenant: str) -> Sequence[StoredSource]:
        query = select(sources).where(sources.c.tenant == tenant).order_by(sources.c.name)
        async with self._database.read() as transaction:
            return [_stored(row) for row in await transaction.execute(query)]

    async def get_source(self, tenant: str, name: str) -> StoredSource:
        async with self._database.read() as transaction:
            return await _known(transaction, tenant, name)

    async def put_git_source(
        self, tenant: str, name: str, settings: GitSettings, *, actor: str
    ) -> tuple[StoredSource, bool]:
        async with self._database.change(tenant) as (transaction, revision):
            found = await _find(transaction, tenant, name)
            if found is not None and found.kind == "file":
                raise Conflict(f"the source {name!r} is a file that is followed: choose another name")
            await self._keys.ensure_tenant(transaction, tenant)
            row = _row(tenant, name, "git", settings, revision, actor)
            if found is None:
                await transaction.execute(insert(sources).values(row))
            else:
                del row["created_at"], row["lease_owner"], row["leased_until"]
                await transaction.execute(update(sources).where(*_is(tenant, name)).values(row))
            return await _known(transaction, tenant, name), found is None

    async def ensure_source(self, tenant: str, name: str, kind: Kind, *, actor: str) -> None:
        async with self._database.read() as transaction:
            found = await _find(transaction, tenant, name)
        if found is not None and found.kind == "git":
            raise Conflict(
                f"the source {name!r} is a git repository: push the file there, or choose another name"
            )
        if found is None or found.kind != kind:
            async with self._database.change(tenant) as (transaction, revision):
                await self._keys.ensure_tenant(transaction, tenant)
                row = _row(tenant, name, kind, None, revision, actor)
                statement = upsert(sources).values(row)
                await transaction.execute(
                    statement.on_conflict_do_update(
                        index_elements=["tenant", "name"],
                        set_={"kind": kind, "revision": revision},
                        where=sources.c.kind != "git",
                    )
                )

    async def delete_source(
        self, tenant: str, name: str, *, keep_connectors: bool, actor: str
    ) -> tuple[str, ...]:
        owned = (connectors.c.tenant == tenant, connectors.c.source == name)
        async with self._database.change(tenant) as (transaction, revision):
            await _known(transaction, tenant, name)
            query = select(connectors.c.permalink).where(*owned).order_by(connectors.c.permalink)
            permalinks = tuple((await transaction.execute(query)).scalars())
            if keep_connectors:
                by_hand = {
                    "source": None,
                    "revision": revision,
                    "updated_at": time.time(),
                    "updated_by": actor,
                }
                rows = (await transaction.execute(select(connectors).where(*owned))).mappings().all()
                await transaction.execute(update(connectors).where(*owned).values(by_hand))
                await keep_saved(transaction, tenant, [{**row, **by_hand} for row in rows])
            else:
                await transaction.execute(delete(connectors).where(*owned))
                await keep_deleted(transaction, tenant, permalinks, revision, actor=actor)
            await transaction.execute(delete(sources).where(*_is(tenant, name)))
        return permalinks

    async def due_sources(self, now: float) -> Sequence[StoredSource]:
        query = (
            select(sources)
            .where(sources.c.kind == "git", sources.c.leased_until <= now)
            .where((sources.c.next_sync_at <= now) | sources.c.sync_requested_at.is_not(None))
            .order_by(sources.c.next_sync_at)
        )
        async with self._database.read() as transaction:
            due = [_stored(row) for row in await transaction.execute(query)]
        return [source for source in due if source.git and source.git.enabled]

    async def request_sync(self, tenant: str, name: str, trigger: Trigger, *, actor: str) -> None:
        asked = {"sync_requested_at": time.time(), "sync_trigger": trigger, "sync_actor": actor}
        async with self._database.write() as transaction:
            await transaction.execute(update(sources).where(*_is(tenant, name)).values(asked))

    async def lease_source(self, tenant: str, name: str, owner: str, seconds: float) -> bool:
        now = time.time()
        lease = {"lease_owner": owner, "leased_until": now + seconds}
        async with self._database.write() as transaction:
            taken = await transaction.execute(
                update(sources).where(*_is(tenant, name), sources.c.leased_until <= now).values(lease)
            )
        return bool(taken.rowcount)

    async def release_source(self, tenant: str, name: str, owner: str, began: float, *, failed: bool) -> None:
        async with self._database.write() as transaction:
            found = await _find(transaction, tenant, name, owner)
            if found is None or found.git is None:
                return
            failures = found.failures + 1 if failed else 0
            poll = found.git.poll_seconds
            content: dict[str, Any] = {
                "lease_owner": None,
                "leased_until": 0.0,
                "failures": failures,
                "next_sync_at": time.time() + min(poll * 2.0**failures, max(LONGEST_PAUSE, poll)),
            }
            if found.sync_requested_at is not None and found.sync_requested_at <= began:
                content |= {"sync_requested_at": None, "sync_trigger": None, "sync_actor": None}
            if found.updated_at > began:
                # The settings were changed meanwhile: they are due.
                del content["next_sync_at"]
            await transaction.execute(update(sources).where(*_is(tenant, name)).values(content))


async def _find(
    transaction: Transaction, tenant: str, name: str, owner: str | None = None
) -> StoredSource | None:
    query = select(sources).where(*_is(tenant, name))
    if owner is not None:
        query = query.where(sources.c.lease_owner == owner)
    row = (await transaction.execute(query)).one_or_none()
    return None if row is None else _stored(row)


async def _known(transaction: Transaction, tenant: str, name: str) -> StoredSource:
    found = await _find(transaction, tenant, name)
    if found is None:
        raise NotFound(f"there is no source {name!r} in tenant {tenant!r}")
    return found


def _is(tenant: str, name: str) -> tuple[Any, Any]:
    return sources.c.tenant == tenant, sources.c.name == name


def _row(
    tenant: str, name: str, kind: Kind, settings: GitSettings | None, revision: int, actor: str
) -> dict[str, Any]:
    now = time.time()
    return {
        "tenant": tenant,
        "name": name,
        "kind": kind,
        "git": settings.as_json() if settings else None,
        "revision": revision,
        "failures": 0,
        "next_sync_at": 0.0,
        "lease_owner": None,
        "leased_until": 0.0,
        "created_at": now,
        "updated_at": now,
        "updated_by": actor,
    }


def _stored(row: Row[Any]) -> StoredSource:
    members = {name: getattr(row, name) for name in StoredSource.__slots__}
    return StoredSource(**{**members, "git": GitSettings(**row.git) if row.git else None})
