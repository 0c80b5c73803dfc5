"""Brings a database to the schema of this version, in one transaction."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Connection

from sealgate.stores.errors import StoreUnusable

_alembic = threading.Lock()
_POLL_SECONDS = 0.02


@asynccontextmanager
async def alembic_alone() -> AsyncIterator[None]:
    """Hold Alembic, which keeps what it works on in module variables: one database at a time may be
    migrated in a process, in whatever event loop."""
    # A blocking wait would hold up the loop that the holder runs in.
    while not _alembic.acquire(blocking=False):  # noqa: ASYNC110
        await asyncio.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        _alembic.release()


def migrate(connection: Connection) -> None:
    """Run what is missing. The caller holds the transaction, the lock that keeps other starts out, and
    Alembic. Raises StoreUnusable when a newer version wrote the database."""
    # Imported here: what opens no store need not wait for it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "sealgate.stores:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise StoreUnusable(
            "The database was written by a newer Sealgate. To go on, start that version or a later one, "
            "or restore a backup that was made by this one."
        ) from None
