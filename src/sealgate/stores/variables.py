"""Variables in the SQL store: plain text. They share their names with secrets."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, delete, exists, insert, select, update

from sealgate.errors import Conflict, NotFound
from sealgate.stores import naming
from sealgate.stores.database import Transaction
from sealgate.stores.part import Part
from sealgate.stores.ports import StoredVariable
from sealgate.stores.schema import secrets, tenants, variables


class Variables(Part):
    async def list_variables(self, tenant: str) -> Sequence[StoredVariable]:
        async with self._database.read() as transaction:
            return await read_variables(transaction, tenant)

    async def get_variable(self, tenant: str, name: str) -> StoredVariable:
        async with self._database.read() as transaction:
            found = await _find(transaction, tenant, name)
        if found is None:
            raise _unknown(tenant, name)
        return found

    async def put_variable(
        self, tenant: str, name: str, value: str, *, actor: str, create_only: bool = False
    ) -> tuple[StoredVariable, bool]:
        """See the port. Raises DocumentInvalid, too."""
        naming.check("variable", name, value, may_be_empty=True)
        async with self._database.change(tenant) as (transaction, _):
            if await _is_secret(transaction, tenant, name):
                raise Conflict(f"a secret is named {name!r}: choose another name, or delete the secret")
            await self._keys.ensure_tenant(transaction, tenant)
            known = await _find(transaction, tenant, name)
            if create_only and known is not None:
                raise Conflict(
                    f"there is a variable {name!r} already: choose another name, or change that one"
                )
            now = time.time()
            content = {"value": value, "updated_at": now, "updated_by": actor}
            if known is None:
                content |= {"tenant": tenant, "name": name, "created_at": now}
                await transaction.execute(insert(variables).values(content))
            else:
                await transaction.execute(update(variables).where(*_is(tenant, name)).values(content))
        created_at = now if known is None else known.created_at
        return StoredVariable(name, value, created_at, now, actor), known is None

    async def delete_variable(self, tenant: str, name: str, *, actor: str) -> None:
        async with self._database.change(tenant) as (transaction, _):
            gone = await transaction.execute(delete(variables).where(*_is(tenant, name)))
            if not gone.rowcount:
                raise _unknown(tenant, name)


async def read_variables(transaction: Transaction, tenant: str) -> tuple[StoredVariable, ...]:
    """All variables of a tenant, by name."""
    query = select(variables).where(variables.c.tenant == tenant).order_by(variables.c.name)
    return tuple(_stored(row) for row in await transaction.execute(query))


async def changed_variables(transaction: Transaction, since: int) -> dict[str, tuple[StoredVariable, ...]]:
    """All variables of each tenant that changed after `since`."""
    query = select(variables).join(tenants).where(tenants.c.changed > since)
    rows = await transaction.execute(query.order_by(variables.c.tenant, variables.c.name))
    return {
        tenant: tuple(_stored(row) for row in own) for tenant, own in groupby(rows, key=attrgetter("tenant"))
    }


async def _find(transaction: Transaction, tenant: str, name: str) -> StoredVariable | None:
    row = (await transaction.execute(select(variables).where(*_is(tenant, name)))).one_or_none()
    return None if row is None else _stored(row)


async def _is_secret(transaction: Transaction, tenant: str, name: str) -> bool:
    query = select(exists().where(secrets.c.tenant == tenant, secrets.c.name == name))
    return bool((await transaction.execute(query)).scalar_one())


def _is(tenant: str, name: str) -> tuple[Any, Any]:
    return variables.c.tenant == tenant, variables.c.name == name


def _stored(row: Row[Any]) -> StoredVariable:
    return StoredVariable(
        name=row.name,
        value=row.value,
        created_at=row.created_at,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )


def _unknown(tenant: str, name: str) -> NotFound:
    return NotFound(f"there is no variable {name!r} in tenant {tenant!r}")
