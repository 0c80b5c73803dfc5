"""The connection to the database and its transactions: the only file that knows which database it is.

Writers come one after the other: in a process through a lock, between processes through SQLite's own.
So whoever has begun to write may read, judge and write without another change in between.

A caller may be cancelled at any time (its client hung up). A statement that the driver's thread has begun
cannot be: it runs to its end, and the cancellation takes effect after it, when the transaction can be
undone and its lock given back.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, event, make_url, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from sealgate.stores.errors import StoreUnusable
from sealgate.stores.files import make_private_file
from sealgate.stores.schema import changes, tenants

__all__ = ["Database", "Transaction", "upsert"]

Result = TypeVar("Result")

_BUSY_MILLISECONDS = 30_000
_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
)


class Transaction:
    """Runs statements; ends with the `async with` that gave it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def execute(
        self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement, for each of `rows` when they are given."""
        return await _to_the_end(self._connection.execute(statement, rows))

    async def run(self, work: Callable[[Connection], Result]) -> Result:
        """Run what needs a plain SQLAlchemy connection."""
        return await _to_the_end(self._connection.run_sync(work))


class Database:
    """`one_connection`: readers and writers share it, and so come one after the other; `file` is that of
    the database, where it has one."""

    def __init__(
        self, engine: AsyncEngine, *, one_connection: bool = False, file: Path | None = None
    ) -> None:
        self._file = file
        self._probe: sqlite3.Connection | None = None
        self._version = -1
        self._engine = engine
        self._writing = engine.execution_options(writes=True)
        self._writer = asyncio.Lock()
        self._reader: AbstractAsyncContextManager[None] = self._writer if one_connection else nullcontext()

    @classmethod
    def at(cls, url: str) -> Database:
        """The database of a SQLAlchemy URL; its file is made when it is not there. Raises StoreUnusable."""
        file = _sqlite_file(url)
        make_private_file(file)
        return cls(_engine(url), file=file)

    @classmethod
    def existing(cls, url: str) -> Database | None:
        """The same, but `None` when its file is not there. Raises StoreUnusable."""
        file = _sqlite_file(url)
        return cls(_engine(url), file=file) if file.is_file() else None

    @classmethod
    def in_memory(cls) -> Database:
        """A database of this process alone; `close` ends it."""
        return cls(_engine("sqlite+aiosqlite://"), one_connection=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """One consistent view of the data."""
        async with self._reader, _transaction(self._engine) as transaction:
            yield transaction

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction that nobody else writes beside; an exception undoes it."""
        async with self._writer, _transaction(self._writing) as transaction:
            yield transaction

    @asynccontextmanager
    async def change(self, tenant: str) -> AsyncIterator[tuple[Transaction, int]]:
        """`write` for what the tenant's snapshot is built from: gives the change's number besides, and
        leaves it with the tenant."""
        async with self.write() as transaction:
            counted = update(changes).values(value=changes.c.value + 1).returning(changes.c.value)
            number = (await transaction.execute(counted)).scalar_one()
            yield transaction, number
            # At the end: the change may be the tenant's first, and have made its row.
            await transaction.execute(update(tenants).where(tenants.c.name == tenant).values(changed=number))

    async def change_counter(self) -> int:
        async with self.read() as transaction:
            return int((await transaction.execute(select(changes.c.value))).scalar_one())

    def written_to(self) -> bool:
        """Whether anybody has written since the last time this was asked; also said when it cannot be known.
        SQLite tells it from memory that all processes share (`PRAGMA data_version`): it costs a hundredth of
        a query."""
        if self._file is None:
            return True
        try:
            if self._probe is None:
                self._probe = sqlite3.connect(f"{self._file.absolute().as_uri()}?mode=ro", uri=True)
            (version,) = self._probe.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            return True
        known, self._version = self._version, version
        return bool(version != known)

    async def close(self) -> None:
        if self._probe is not None:
            self._probe.close()
        await self._engine.dispose()


def _engine(url: str) -> AsyncEngine:
    # Parameters of a failed statement do not belong in its error.
    engine = create_async_engine(url, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _on_connect)
    event.listen(engine.sync_engine, "begin", _on_begin)
    return engine


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[Transaction]:
    connection = engine.connect()
    try:
        await _to_the_end(_begin(connection))
        yield Transaction(connection)
        await _to_the_end(connection.commit())
    finally:
        if connection.sync_connection is not None:
            # Undoes what was not committed.
            await _to_the_end(connection.close())


async def _begin(connection: AsyncConnection) -> None:
    await connection.start()
    await connection.begin()


async def _to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """The work's result; it is waited for even if the waiter is cancelled."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _sqlite_file(url: str) -> Path:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreUnusable("SEALGATE_DATABASE_URL is not a database URL: unset it, or correct it.") from None
    if parsed.drivername != "sqlite+aiosqlite" or parsed.database in (None, "", ":memory:"):
        raise StoreUnusable(
            f"SEALGATE_DATABASE_URL names a {parsed.drivername} database without support: unset it, or write "
            "sqlite+aiosqlite:////absolute/path/sealgate.db"
        )
    return Path(str(parsed.database))


def _on_connect(connection: Any, _record: object) -> None:
    # Without this the driver begins transactions by its own rules; ours begin in `_on_begin`.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _on_begin(connection: Connection) -> None:
    # A writer takes its lock at once: a reader that turns writer later could be refused half way.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
