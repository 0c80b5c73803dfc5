"""The runs of registry sources in the SQL store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from sealgate.stores.database import Transaction
from sealgate.stores.part import Part
from sealgate.stores.schema import sync_runs
from sealgate.stores.source_ports import KEPT_RUNS, SyncRun

LISTS = ("created", "updated", "deleted", "faults", "warnings")


class SyncRuns(Part):
    async def begin_run(self, tenant: str, name: str, run: SyncRun) -> int:
        content = {"tenant": tenant, "source": name, **_content(run)}
        async with self._database.write() as transaction:
            made = await transaction.execute(insert(sync_runs).values(content).returning(sync_runs.c.id))
            number = int(made.scalar_one())
            await transaction.execute(
                update(sync_runs)
                .where(*_of(tenant, name), sync_runs.c.state == "in_progress", sync_runs.c.id < number)
                .values(state="failed", error="the process that ran it ended")
            )
        return number

    async def end_run(self, tenant: str, name: str, id: int, run: SyncRun) -> None:
        earlier = (
            select(sync_runs)
            .where(*_of(tenant, name), sync_runs.c.id < id)
            .order_by(sync_runs.c.id.desc())
            .limit(1)
        )
        this = sync_runs.c.id == id
        async with self._database.write() as transaction:
            row = (await transaction.execute(earlier)).one_or_none()
            if row is not None and run.repeats(_stored(row)):
                await transaction.execute(delete(sync_runs).where(this))
            else:
                await transaction.execute(update(sync_runs).where(this).values(_content(run)))
                await _forget_old_runs(transaction, tenant, name)

    async def list_runs(self, tenant: str, name: str) -> Sequence[SyncRun]:
        query = select(sync_runs).where(*_of(tenant, name)).order_by(sync_runs.c.id.desc())
        async with self._database.read() as transaction:
            return [_stored(row) for row in await transaction.execute(query)]

    async def last_runs(self, tenant: str) -> dict[str, SyncRun]:
        newest = (
            select(func.max(sync_runs.c.id)).where(sync_runs.c.tenant == tenant).group_by(sync_runs.c.source)
        )
        query = select(sync_runs).where(sync_runs.c.id.in_(newest))
        async with self._database.read() as transaction:
            return {row.source: _stored(row) for row in await transaction.execute(query)}


async def _forget_old_runs(transaction: Transaction, tenant: str, name: str) -> None:
    kept = select(sync_runs.c.id).where(*_of(tenant, name)).order_by(sync_runs.c.id.desc()).limit(KEPT_RUNS)
    await transaction.execute(delete(sync_runs).where(*_of(tenant, name), sync_runs.c.id.not_in(kept)))


def _of(tenant: str, name: str) -> tuple[Any, Any]:
    return sync_runs.c.tenant == tenant, sync_runs.c.source == name


def _content(run: SyncRun) -> dict[str, Any]:
    members = {name: getattr(run, name) for name in SyncRun.__slots__}
    return {**members, **{name: list(members[name]) for name in LISTS}}


def _stored(row: Row[Any]) -> SyncRun:
    members = {name: getattr(row, name) for name in SyncRun.__slots__}
    return SyncRun(**{**members, **{name: tuple(members[name]) for name in LISTS}})
