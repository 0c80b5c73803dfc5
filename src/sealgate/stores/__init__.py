"""The durable store and the shared token store. `ports` says what they offer, `open_store` opens them."""

from __future__ import annotations

from sqlalchemy.exc import DatabaseError

from sealgate.settings import Settings
from sealgate.stores.database import Database
from sealgate.stores.errors import StoreUnusable
from sealgate.stores.files import exclusive, make_data_directory
from sealgate.stores.key_file import KeyFile, back_up_notice
from sealgate.stores.keys import Keys
from sealgate.stores.migrations import alembic_alone, migrate
from sealgate.stores.response_cache import ResponseCache
from sealgate.stores.rotation import rotate_key_file
from sealgate.stores.schema import create_tables
from sealgate.stores.store import SqlStore

__all__ = [
    "ResponseCache",
    "SqlStore",
    "StoreUnusable",
    "back_up_notice",
    "open_store",
    "rotate_key_file",
    "store_in_memory",
]


async def open_store(settings: Settings) -> SqlStore:
    """Open the store of these settings; on the first start, make the data directory, the operator's key
    and the tables. Several processes may call it at once. Raises StoreUnusable."""
    make_data_directory(settings.data)
    file = KeyFile(settings.master_key_file)
    async with exclusive(settings.data / "store.lock"):
        database = Database.at(settings.database)
        try:
            async with database.write() as transaction:
                async with alembic_alone():
                    await transaction.run(migrate)
                keys, key_created = await Keys.open(transaction, file)
            # Whatever the previous key was kept for is committed now.
            file.previous.remove()
        except DatabaseError as problem:
            await database.close()
            raise StoreUnusable(
                f"The database cannot be used ({problem.orig}). To go on, restore your backup, "
                "or correct SEALGATE_DATABASE_URL."
            ) from None
        except BaseException:
            await database.close()
            raise
    return SqlStore(database, keys, key_created=key_created)


async def store_in_memory() -> SqlStore:
    """A new, empty store of this process alone: nothing of it is on disk, and it ends with `close`."""
    database = Database.in_memory()
    try:
        async with database.write() as transaction:
            await transaction.run(create_tables)
            keys = await Keys.in_memory(transaction)
    except BaseException:
        await database.close()
        raise
    return SqlStore(database, keys, key_created=False)
