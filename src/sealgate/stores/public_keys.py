"""The public halves of secrets in the SQL store. They are no secrets: kept as they are."""

from __future__ import annotations

import time
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import delete, insert, select, update

from sealgate.errors import Conflict, NotFound
from sealgate.stores.database import Transaction
from sealgate.stores.part import Part
from sealgate.stores.public_key_ports import OVERLAP_HOURS, ListedKey, PublicHalf
from sealgate.stores.schema import public_keys, secrets, tenants

OVERLAP = OVERLAP_HOURS * 3600.0


class PublicKeys(Part):
    async def set_public_half(self, tenant: str, name: str, version: int, half: PublicHalf) -> None:
        async with self._database.change(tenant) as (transaction, _):
            known = select(secrets.c.version).where(secrets.c.tenant == tenant, secrets.c.name == name)
            found = (await transaction.execute(known)).scalar_one_or_none()
            if found is None:
                raise NotFound(f"there is no secret {name!r} in tenant {tenant!r}")
            if found != version:
                raise Conflict(f"the secret {name!r} was changed meanwhile: try again")
            in_force = public_keys.c.listed_until.is_(None)
            replaced = delete(public_keys).where(*_of(tenant, name))
            await transaction.execute(replaced.where(in_force) if half.published else replaced)
            await _insert(transaction, tenant, name, half)


async def replace_public_half(
    transaction: Transaction, tenant: str, name: str, half: PublicHalf | None
) -> None:
    """For a secret's new value. The key of the value before stays listed for a while if it was published."""
    now = time.time()
    in_force = (*_of(tenant, name), public_keys.c.listed_until.is_(None))
    await transaction.execute(delete(public_keys).where(*in_force, public_keys.c.published.is_(False)))
    await transaction.execute(update(public_keys).where(*in_force).values(listed_until=now + OVERLAP))
    await transaction.execute(delete(public_keys).where(public_keys.c.listed_until <= now))
    if half is not None:
        await _insert(transaction, tenant, name, half)


async def changed_public_keys(transaction: Transaction, since: int) -> dict[str, tuple[ListedKey, ...]]:
    """All published keys of each tenant that changed after `since`; the newest of a secret comes first."""
    query = (
        select(public_keys)
        .join(tenants, tenants.c.name == public_keys.c.tenant)
        .where(tenants.c.changed > since, public_keys.c.published)
        .order_by(public_keys.c.tenant, public_keys.c.name, public_keys.c.created_at.desc())
    )
    rows = await transaction.execute(query)
    return {
        tenant: tuple(ListedKey(row.jwk, row.listed_until) for row in own)
        for tenant, own in groupby(rows, key=attrgetter("tenant"))
    }


async def _insert(transaction: Transaction, tenant: str, name: str, half: PublicHalf) -> None:
    kid = half.jwk["kid"]
    # A key that comes back, as it is or to be published.
    await transaction.execute(delete(public_keys).where(*_of(tenant, name), public_keys.c.kid == kid))
    row = {"tenant": tenant, "name": name, "kid": kid, "jwk": dict(half.jwk), "published": half.published}
    await transaction.execute(insert(public_keys).values(**row, created_at=time.time()))


def _of(tenant: str, name: str) -> tuple[Any, Any]:
    return public_keys.c.tenant == tenant, public_keys.c.name == name
