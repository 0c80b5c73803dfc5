"""What a tenant has, as far as it can be seen without a key: nothing is made, opened or changed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from sealgate.settings import Settings
from sealgate.stores.connectors import read_connectors
from sealgate.stores.database import Database
from sealgate.stores.errors import StoreUnusable
from sealgate.stores.ports import StoredConnector
from sealgate.stores.schema import secrets
from sealgate.stores.variables import read_variables


@dataclass(frozen=True, slots=True)
class VisibleContent:
    """A tenant's connectors, and the names of its secrets and variables."""

    connectors: tuple[StoredConnector, ...]
    secrets: dict[str, tuple[str, ...]]
    """Each with the hosts it may be sent to."""
    variables: frozenset[str]


async def read_content(settings: Settings, tenant: str) -> VisibleContent | None:
    """What these settings' database holds; `None` when there is no database. Raises StoreUnusable."""
    database = Database.existing(settings.database)
    if database is None:
        return None
    try:
        async with database.read() as transaction:
            query = select(secrets.c.name, secrets.c.allowed_hosts).where(secrets.c.tenant == tenant)
            hosts = {row.name: tuple(row.allowed_hosts) for row in await transaction.execute(query)}
            connectors = tuple(await read_connectors(transaction, tenant))
            variables = await read_variables(transaction, tenant)
    except DatabaseError as problem:
        raise StoreUnusable(
            f"The database cannot be read as it is ({problem.orig}). To go on, start this version once, "
            "which brings it up to date, or restore your backup."
        ) from None
    finally:
        await database.close()
    return VisibleContent(connectors, hosts, frozenset(variable.name for variable in variables))
