"""Executions of connectors in the SQL store (port `RunStore`)."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, null, or_, select, update

from sealgate.errors import NotFound
from sealgate.secret import Secret
from sealgate.stores.errors import StoreUnusable
from sealgate.stores.part import Part
from sealgate.stores.ports import text_of
from sealgate.stores.run_ports import (
    BODIES_KEPT_SECONDS,
    OUTCOMES,
    SHARES,
    RecordedRun,
    RunFilter,
    RunHead,
    RunPage,
    RunPoint,
)
from sealgate.stores.schema import runs
from sealgate.stores.sealing import Place, SealBroken, SealingKey

_HEAD = [runs.c[name] for name in RunHead.__slots__]


class SqlRunStore(Part):
    async def add(self, recorded: Sequence[RecordedRun], kept: int) -> None:
        tenants = sorted({run.tenant for run in recorded})
        async with self._database.read() as transaction:
            found = {tenant: await self._keys.data_key(transaction, tenant) for tenant in tenants}
        keys = {tenant: key for tenant, key in found.items() if key is not None}
        # Not in the event loop: it serves calls meanwhile.
        rows = await asyncio.to_thread(_rows, recorded, keys)
        if not rows:
            return
        async with self._database.write() as transaction:
            await transaction.execute(insert(runs), rows)
            for tenant in keys:
                for outcome in OUTCOMES:
                    last = _last_kept(tenant, outcome, max(1, int(kept * SHARES[outcome])))
                    await transaction.execute(
                        delete(runs).where(
                            runs.c.tenant == tenant, runs.c.outcome == outcome, runs.c.id < last
                        )
                    )
            outdated = runs.c.bodies.is_not(None), runs.c.at < time.time() - BODIES_KEPT_SECONDS
            await transaction.execute(update(runs).where(*outdated).values(bodies=null()))

    async def forget_all(self) -> None:
        async with self._database.write() as transaction:
            await transaction.execute(delete(runs))

    async def find(self, tenant: str, wanted: RunFilter, *, limit: int, before: int | None = None) -> RunPage:
        conditions = [runs.c.tenant == tenant, *_conditions(wanted)]
        if before is not None:
            conditions.append(runs.c.id < before)
        query = select(runs.c.id, *_HEAD).where(*conditions).order_by(runs.c.id.desc()).limit(limit + 1)
        async with self._database.read() as transaction:
            rows = (await transaction.execute(query)).all()
        shown = rows[:limit]
        return RunPage(tuple(map(_head, shown)), shown[-1].id if len(rows) > limit else None)

    async def get(self, tenant: str, request_id: str) -> RecordedRun:
        query = select(runs).where(runs.c.tenant == tenant, runs.c.request_id == request_id)
        async with self._database.read() as transaction:
            row = (await transaction.execute(query)).one_or_none()
            key = await self._keys.data_key(transaction, tenant)
        if row is None or key is None:
            raise NotFound(
                f"no run is kept of the request {request_id!r}",
                hint="under load not all calls are recorded, and old runs are forgotten; see the log",
            )
        return RecordedRun(
            tenant,
            _head(row),
            explain=_unsealed(key, row.explain, _place("explain", tenant, request_id)),
            bodies=_unsealed(key, row.bodies, _place("bodies", tenant, request_id)) if row.bodies else None,
        )

    async def recent(
        self, tenant: str, permalinks: Sequence[str], count: int
    ) -> dict[str, tuple[RunPoint, ...]]:
        number = func.row_number().over(partition_by=runs.c.permalink, order_by=runs.c.id.desc())
        points = [runs.c[name] for name in RunPoint.__slots__]
        numbered = (
            select(runs.c.id, runs.c.permalink, *points, number.label("number"))
            .where(runs.c.tenant == tenant, runs.c.outcome != "refused", runs.c.permalink.in_(permalinks))
            .subquery()
        )
        query = select(numbered).where(numbered.c.number <= count).order_by(numbered.c.id)
        found: dict[str, list[RunPoint]] = {}
        async with self._database.read() as transaction:
            for row in await transaction.execute(query):
                point = RunPoint(row.at, row.status, row.total_ms, row.outcome)
                found.setdefault(row.permalink, []).append(point)
        return {permalink: tuple(points) for permalink, points in found.items()}


def _rows(recorded: Sequence[RecordedRun], keys: Mapping[str, SealingKey]) -> list[dict[str, Any]]:
    return [_row(run, keys[run.tenant]) for run in recorded if run.tenant in keys]


def _row(run: RecordedRun, key: SealingKey) -> dict[str, Any]:
    request_id = run.head.request_id
    bodies = _place("bodies", run.tenant, request_id)
    return {
        **asdict(run.head),
        "tenant": run.tenant,
        "explain": _sealed(key, run.explain, _place("explain", run.tenant, request_id)),
        "bodies": None if run.bodies is None else _sealed(key, run.bodies, bodies),
    }


def _conditions(wanted: RunFilter) -> Iterator[ColumnElement[bool]]:
    equal = {
        runs.c.permalink: wanted.connector,
        runs.c.outcome: wanted.outcome,
        runs.c.code: wanted.code,
        runs.c.request_id: wanted.request_id,
    }
    yield from (column == value for column, value in equal.items() if value is not None)
    if wanted.user is not None:
        yield or_(runs.c.user_id == wanted.user, runs.c.token_name == wanted.user)
    if wanted.statuses is not None:
        yield runs.c.status.between(*wanted.statuses)
    if wanted.since is not None:
        yield runs.c.at >= wanted.since
    if wanted.until is not None:
        yield runs.c.at < wanted.until


def _last_kept(tenant: str, outcome: str, count: int) -> Any:
    """The oldest of the newest `count`; no row when there are fewer, and then nothing is older."""
    return (
        select(runs.c.id)
        .where(runs.c.tenant == tenant, runs.c.outcome == outcome)
        .order_by(runs.c.id.desc())
        .offset(count - 1)
        .limit(1)
        .scalar_subquery()
    )


def _head(row: Row[Any]) -> RunHead:
    return RunHead(**{name: getattr(row, name) for name in RunHead.__slots__})


def _place(what: str, tenant: str, request_id: str) -> Place:
    return Place(f"run-{what}", tenant, request_id)


def _sealed(key: SealingKey, content: Mapping[str, Any], place: Place) -> bytes:
    return key.seal(Secret(zlib.compress(text_of(content), 1)), place)


def _unsealed(key: SealingKey, sealed: bytes, place: Place) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(zlib.decompress(key.unseal(sealed, place).reveal()))
    except SealBroken:
        raise StoreUnusable(
            f"The run {place.name} was changed outside Sealgate and does not open. "
            "To go on, look at another run, or restore a backup of the database."
        ) from None
    return content
