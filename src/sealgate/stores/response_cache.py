"""API responses that the processes of a machine share: a SQLite file of its own, which may be deleted.

It keeps nothing that cannot be asked for again, so it is not synced to the disk, and a file that is
broken is made anew. Contents are sealed at the place of their key. One thread does the work: neither
SQLite nor AES holds up the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import structlog

from sealgate.secret import Secret
from sealgate.stores.files import make_private_file
from sealgate.stores.sealing import Place, SealBroken, SealingKey
from sealgate.stores.stamps import Stamps

LARGEST_ENTRY = 10 * 1024 * 1024
KEPT_AFTER_EVICTION = 0.9
_OVERHEAD = 512
_MOST_TOUCHED = 10_000
_PURGES, _FILE = "purges", "file"

_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
PRAGMA busy_timeout = 2000;
CREATE TABLE IF NOT EXISTS entries (
    key TEXT NOT NULL, variant TEXT NOT NULL, vary TEXT NOT NULL, tenant TEXT NOT NULL,
    permalink TEXT NOT NULL, target TEXT NOT NULL, size INTEGER NOT NULL, used REAL NOT NULL,
    content BLOB NOT NULL, PRIMARY KEY (key, variant)
);
CREATE INDEX IF NOT EXISTS entries_used ON entries (used, size);
CREATE INDEX IF NOT EXISTS entries_connector ON entries (tenant, permalink);
CREATE INDEX IF NOT EXISTS entries_target ON entries (target);
CREATE TABLE IF NOT EXISTS leases (key TEXT PRIMARY KEY, owner TEXT NOT NULL, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS usage (bytes INTEGER NOT NULL);
INSERT INTO usage SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM usage);
CREATE TRIGGER IF NOT EXISTS entry_added AFTER INSERT ON entries
    BEGIN UPDATE usage SET bytes = bytes + NEW.size; END;
CREATE TRIGGER IF NOT EXISTS entry_removed AFTER DELETE ON entries
    BEGIN UPDATE usage SET bytes = bytes - OLD.size; END;
"""

Result = TypeVar("Result")
Stamp = tuple[int, int, int]

log = structlog.get_logger(__name__)


class ResponseCache:
    """The port `egress.cache_storage.CacheStorage`. Opened when it is first used."""

    def __init__(self, directory: Path | None, key: bytes, size: int) -> None:
        """In memory without a directory. `size` bounds all contents together, in bytes."""
        self.entry_limit = min(LARGEST_ENTRY, size // 10)
        self._path = directory / "http-cache.db" if directory else None
        self._stamps = Stamps(directory / "http-cache.stamps" if directory else None)
        self._key = SealingKey(Secret(key))
        self._size = size
        self._owner = secrets.token_hex(8)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="http-cache")
        self._connection: sqlite3.Connection | None = None
        self._opened: int | None = None
        self._touched: dict[str, float] = {}

    def stamp(self, key: str, target: str) -> Stamp:
        stamps = self._stamps
        return stamps.get(_PURGES), stamps.get(target), stamps.get(key)

    def touch(self, key: str) -> None:
        if len(self._touched) < _MOST_TOUCHED:
            self._touched[key] = time.time()

    async def read(self, key: str, variant: Callable[[str], str]) -> bytes | None:
        def work(connection: sqlite3.Connection) -> bytes | None:
            known = connection.execute("SELECT DISTINCT vary FROM entries WHERE key = ?", (key,)).fetchall()
            for (vary,) in known:
                row = connection.execute(
                    "SELECT content FROM entries WHERE key = ? AND vary = ? AND variant = ?",
                    (key, vary, variant(vary)),
                ).fetchone()
                if row:
                    with contextlib.suppress(SealBroken):
                        return self._key.unseal(row[0], _place(key)).reveal()
            return None

        self.touch(key)
        return await self._run(work, None)

    async def write(
        self,
        *,
        tenant: str,
        permalink: str,
        key: str,
        target: str,
        vary: str,
        variant: str,
        content: bytes,
        since: Stamp,
    ) -> Stamp | None:
        if len(content) > self.entry_limit:
            return None

        def work(connection: sqlite3.Connection) -> Stamp | None:
            sealed = self._key.seal(Secret(content), _place(key))
            size = len(sealed) + _OVERHEAD
            with _transaction(connection):
                if self.stamp(key, target)[:2] != since[:2]:
                    return None
                connection.execute("DELETE FROM entries WHERE key = ? AND variant = ?", (key, variant))
                connection.execute(
                    "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (key, variant, vary, tenant, permalink, target, size, time.time(), sealed),
                )
                connection.execute("DELETE FROM leases WHERE key = ?", (key,))
                self._evict(connection)
            self._stamps.change(key)
            return self.stamp(key, target)

        return await self._run(work, None)

    async def lease(self, key: str, seconds: float) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            now = time.time()
            with _transaction(connection):
                connection.execute("DELETE FROM leases WHERE until <= ?", (now,))
                added = connection.execute(
                    "INSERT OR IGNORE INTO leases VALUES (?, ?, ?)", (key, self._owner, now + seconds)
                )
                return added.rowcount == 1

        return await self._run(work, True)

    async def release(self, key: str, target: str) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM leases WHERE key = ? AND owner = ?", (key, self._owner))
            self._stamps.change(key)

        await self._run(work, None)

    async def forget(self, key: str, target: str) -> None:
        await self._remove("key = ?", (key,), key)

    async def invalidate(self, target: str) -> None:
        await self._remove("target = ?", (target,), target)

    async def purge(self, tenant: str, permalink: str | None) -> int:
        if permalink is None:
            return await self._remove("tenant = ?", (tenant,), _PURGES)
        return await self._remove("tenant = ? AND permalink = ?", (tenant, permalink), _PURGES)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()

    async def _remove(self, condition: str, values: tuple[str, ...], stamp: str) -> int:
        """The stamp changes before, so that nothing older is written any more, and after, so that nobody
        keeps what was read in between."""

        def work(connection: sqlite3.Connection) -> int:
            self._stamps.change(stamp)
            with _transaction(connection):
                removed = connection.execute(f"DELETE FROM entries WHERE {condition}", values)  # noqa: S608
            self._stamps.change(stamp)
            return removed.rowcount

        return await self._run(work, 0)

    def _evict(self, connection: sqlite3.Connection) -> None:
        (used,) = connection.execute("SELECT bytes FROM usage").fetchone()
        if used <= self._size:
            return
        touched, self._touched = self._touched, {}
        connection.executemany(
            "UPDATE entries SET used = ? WHERE key = ?", [(moment, key) for key, moment in touched.items()]
        )
        least_used = connection.execute("SELECT rowid, size FROM entries ORDER BY used").fetchall()
        for rowid, size in least_used:
            if used <= self._size * KEPT_AFTER_EVICTION:
                break
            connection.execute("DELETE FROM entries WHERE rowid = ?", (rowid,))
            used -= size

    # -- the file ----------------------------------------------------------------------------------

    async def _run(self, work: Callable[[sqlite3.Connection], Result], otherwise: Result) -> Result:
        """Do the work in the thread; `otherwise` when the file cannot be used now."""

        def attempt() -> Result:
            try:
                return work(self._open())
            except sqlite3.OperationalError as problem:  # locked, full, read-only: it may pass
                log.warning("http_cache_unavailable", problem=str(problem))
                self._disconnect()
            except sqlite3.DatabaseError as problem:
                log.warning("http_cache_made_anew", problem=str(problem))
                self._delete()
            return otherwise

        return await asyncio.get_running_loop().run_in_executor(self._thread, attempt)

    def _open(self) -> sqlite3.Connection:
        """The connection; another one after any process has made the file anew."""
        made = self._stamps.get(_FILE)
        if self._connection is None or made != self._opened:
            self._disconnect()
            if self._path:
                make_private_file(self._path)
            connection = sqlite3.connect(self._path or ":memory:", isolation_level=None)
            self._connection, self._opened = connection, made
            connection.executescript(_SCHEMA)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _delete(self) -> None:
        self._disconnect()
        if self._path:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._stamps.change(_FILE)
        self._stamps.change(_PURGES)


def _place(key: str) -> Place:
    return Place("http-cache", name=key)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
