"""Brings a database to the schema of this version, in one transaction."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from sealgate.stores.errors import StoreUnusable


def migrate(connection: Connection) -> None:
    """Run what is missing. The caller holds the transaction, and the lock that keeps other starts out.
    Raises StoreUnusable when a newer version wrote the database."""
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
