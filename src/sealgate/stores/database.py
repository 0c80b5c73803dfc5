"""The connection to the database and its transactions: the only file that knows which database it is.

Writers come one after the other: in a process through a lock, between processes through SQLite's own.
So whoever has begun to write may read, judge and write without another change in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from sealgate.stores.errors import StoreUnusable
from sealgate.stores.files import make_private_file
from sealgate.stores.schema import changes

__all__ = ["Database", "upsert"]

_BUSY_MILLISECONDS = 30_000
_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
)


class Database:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)
        self._writer = asyncio.Lock()

    @classmethod
    def at(cls, url: str) -> Database:
        """The database of a SQLAlchemy URL; its file is made when it is not there. Raises StoreUnusable."""
        make_private_file(_sqlite_file(url))
        # Parameters of a failed statement do not belong in its error.
        engine = create_async_engine(url, hide_parameters=True)
        event.listen(engine.sync_engine, "connect", _on_connect)
        event.listen(engine.sync_engine, "begin", _on_begin)
        return cls(engine)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view of the data."""
        async with self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that nobody else writes beside; an exception undoes it."""
        async with self._writer, self._writing.begin() as connection:
            yield connection

    @asynccontextmanager
    async def change(self) -> AsyncIterator[tuple[AsyncConnection, int]]:
        """`write` for what a snapshot is built from: gives the change's number besides."""
        async with self.write() as connection:
            counted = update(changes).values(value=changes.c.value + 1).returning(changes.c.value)
            yield connection, (await connection.execute(counted)).scalar_one()

    async def change_counter(self) -> int:
        async with self.read() as connection:
            return int((await connection.execute(select(changes.c.value))).scalar_one())

    async def close(self) -> None:
        await self._engine.dispose()


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
