"""Secrets in the SQL store: sealed by the tenant's data key, at the place of their name and version."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, Select, and_, delete, exists, insert, select, update

from sealgate.errors import Conflict, NotFound
from sealgate.secret import Secret
from sealgate.stores import naming
from sealgate.stores.database import Transaction
from sealgate.stores.errors import StoreUnusable
from sealgate.stores.host_changes import newest_host_changes, record_host_change
from sealgate.stores.keys import Keys
from sealgate.stores.part import Part
from sealgate.stores.ports import HostChange, SecretInfo, SecretVersion, StoredSecret
from sealgate.stores.public_key_ports import PublicHalf
from sealgate.stores.public_keys import replace_public_half
from sealgate.stores.schema import public_keys, secret_versions, secrets, tenants, variables
from sealgate.stores.sealing import Place, SealBroken, SealingKey, fingerprint


class Secrets(Part):
    async def list_secrets(self, tenant: str) -> Sequence[SecretInfo]:
        async with self._database.read() as transaction:
            rows = (await transaction.execute(_in_force(tenant))).all()
            key = await self._keys.data_key(transaction, tenant)
        return [self._info(tenant, row, value) for row, value in _unseal_all(key, tenant, rows)]

    async def get_secret_info(self, tenant: str, name: str) -> SecretInfo:
        async with self._database.read() as transaction:
            rows = (await transaction.execute(_in_force(tenant).where(secrets.c.name == name))).all()
            key = await self._keys.data_key(transaction, tenant)
        for row, value in _unseal_all(key, tenant, rows):
            return self._info(tenant, row, value)
        raise _unknown(tenant, name)

    async def put_secret(
        self,
        tenant: str,
        name: str,
        value: Secret[str],
        *,
        actor: str,
        allowed_hosts: Sequence[str] | None = None,
        public: PublicHalf | None = None,
        create_only: bool = False,
    ) -> tuple[SecretInfo, bool]:
        """See the port. Raises DocumentInvalid, too."""
        naming.check("secret", name, value.reveal(), may_be_empty=False)
        async with self._database.change(tenant) as (transaction, _):
            if create_only and await _find(transaction, tenant, name) is not None:
                raise Conflict(
                    f"there is a secret {name!r} already: choose another name, or replace its value"
                )
            row, created = await self._write_secret(
                transaction, tenant, name, value, actor=actor, allowed_hosts=allowed_hosts, public=public
            )
        return self._info(tenant, row, value), created

    async def _write_secret(
        self,
        transaction: Transaction,
        tenant: str,
        name: str,
        value: Secret[str],
        *,
        actor: str,
        allowed_hosts: Sequence[str] | None,
        public: PublicHalf | None = None,
    ) -> tuple[Row[Any], bool]:
        if await _is_variable(transaction, tenant, name):
            raise Conflict(f"a variable is named {name!r}: choose another name, or delete the variable")
        key = await self._keys.ensure_tenant(transaction, tenant)
        known = await _find(transaction, tenant, name)
        version = 1 if known is None else known.version + 1
        now = time.time()
        before = _hosts(known)
        hosts = before if allowed_hosts is None else list(allowed_hosts)
        head = {"version": version, "allowed_hosts": hosts}
        if known is None:
            head |= {"tenant": tenant, "name": name, "created_at": now}
            await transaction.execute(insert(secrets).values(head))
        else:
            await transaction.execute(update(secrets).where(*_is(tenant, name)).values(head))
            await _forget_values(transaction, tenant, name)
        sealed = key.seal(Secret(value.reveal().encode()), _place(tenant, name, version))
        await transaction.execute(
            insert(secret_versions).values(
                tenant=tenant,
                name=name,
                version=version,
                sealed=sealed,
                created_at=now,
                created_by=actor,
            )
        )
        await record_host_change(transaction, tenant, name, before=before, after=hosts, at=now, actor=actor)
        await replace_public_half(transaction, tenant, name, public)
        row = (await transaction.execute(_in_force(tenant).where(secrets.c.name == name))).one()
        return row, known is None

    async def set_allowed_hosts(
        self, tenant: str, name: str, allowed_hosts: Sequence[str], *, actor: str
    ) -> SecretInfo:
        async with self._database.change(tenant) as (transaction, _):
            known = await _find(transaction, tenant, name)
            if known is None:
                raise _unknown(tenant, name)
            hosts = list(allowed_hosts)
            await transaction.execute(update(secrets).where(*_is(tenant, name)).values(allowed_hosts=hosts))
            await record_host_change(
                transaction, tenant, name, before=_hosts(known), after=hosts, at=time.time(), actor=actor
            )
        return await self.get_secret_info(tenant, name)

    async def list_secret_versions(self, tenant: str, name: str, limit: int) -> Sequence[SecretVersion]:
        query = (
            select(secret_versions.c.version, secret_versions.c.created_at, secret_versions.c.created_by)
            .where(secret_versions.c.tenant == tenant, secret_versions.c.name == name)
            .order_by(secret_versions.c.version.desc())
            .limit(limit)
        )
        async with self._database.read() as transaction:
            rows = (await transaction.execute(query)).all()
        if not rows:
            raise _unknown(tenant, name)
        return [SecretVersion(row.version, row.created_at, row.created_by) for row in rows]

    async def list_host_changes(self, tenant: str, name: str, limit: int) -> Sequence[HostChange]:
        async with self._database.read() as transaction:
            return await newest_host_changes(transaction, tenant, name, limit)

    async def delete_secret(self, tenant: str, name: str, *, actor: str) -> None:
        async with self._database.change(tenant) as (transaction, _):
            gone = await transaction.execute(delete(secrets).where(*_is(tenant, name)))
            if not gone.rowcount:
                raise _unknown(tenant, name)

    def _info(self, tenant: str, row: Row[Any], value: Secret[str]) -> SecretInfo:
        return SecretInfo(
            name=row.name,
            first_character=value.reveal()[:1],
            fingerprint=fingerprint(self._keys.derive("secret-fingerprint"), tenant, value),
            version=row.version,
            allowed_hosts=tuple(row.allowed_hosts),
            created_at=row.created_at,
            updated_at=row.updated_at,
            updated_by=row.updated_by,
            public=None if row.jwk is None else PublicHalf(row.jwk, row.published),
        )


async def changed_secrets(
    transaction: Transaction, keys: Keys, since: int
) -> dict[str, tuple[StoredSecret, ...]]:
    """All secrets of each tenant that changed after `since`, with their values. Raises StoreUnusable when
    one does not open."""
    data_keys = await keys.data_keys(transaction, tenants.c.changed > since)
    query = _current().join(tenants, tenants.c.name == secrets.c.tenant).where(tenants.c.changed > since)
    rows = await transaction.execute(query.order_by(secrets.c.tenant, secrets.c.name))
    return {
        tenant: tuple(
            StoredSecret(row.name, value, row.version, tuple(row.allowed_hosts), row.kid)
            for row, value in _unseal_all(data_keys[tenant], tenant, own)
        )
        for tenant, own in groupby(rows, key=attrgetter("tenant"))
    }


def _in_force(tenant: str) -> Select[Any]:
    """Every secret of the tenant with the version in force, by name."""
    return _current().where(secrets.c.tenant == tenant).order_by(secrets.c.name)


def _current() -> Select[Any]:
    """Every secret with the version in force."""
    version = and_(
        secret_versions.c.tenant == secrets.c.tenant,
        secret_versions.c.name == secrets.c.name,
        secret_versions.c.version == secrets.c.version,
    )
    public = and_(
        public_keys.c.tenant == secrets.c.tenant,
        public_keys.c.name == secrets.c.name,
        public_keys.c.listed_until.is_(None),
    )
    return select(
        secrets.c.tenant,
        secrets.c.name,
        secrets.c.version,
        secrets.c.allowed_hosts,
        secrets.c.created_at,
        secret_versions.c.sealed,
        secret_versions.c.created_at.label("updated_at"),
        secret_versions.c.created_by.label("updated_by"),
        public_keys.c.kid,
        public_keys.c.jwk,
        public_keys.c.published,
    ).select_from(secrets.join(secret_versions, version).outerjoin(public_keys, public))


def _unseal_all(
    key: SealingKey | None, tenant: str, rows: Iterable[Row[Any]]
) -> list[tuple[Row[Any], Secret[str]]]:
    opened, broken = [], []
    for row in rows:
        try:
            opened.append((row, _unseal(key, tenant, row)))
        except SealBroken:
            broken.append(row.name)
    if broken:
        raise StoreUnusable(
            f"Secrets of tenant {tenant!r} were changed outside Sealgate and do not open: "
            f"{', '.join(broken)}. To go on, set them again or delete them."
        )
    return opened


def _unseal(key: SealingKey | None, tenant: str, row: Row[Any]) -> Secret[str]:
    if key is None or row.sealed is None:
        raise SealBroken("nothing to open")
    return Secret(key.unseal(row.sealed, _place(tenant, row.name, row.version)).reveal().decode())


async def _find(transaction: Transaction, tenant: str, name: str) -> Row[Any] | None:
    return (await transaction.execute(select(secrets).where(*_is(tenant, name)))).one_or_none()


async def _forget_values(transaction: Transaction, tenant: str, name: str) -> None:
    await transaction.execute(
        update(secret_versions)
        .where(secret_versions.c.tenant == tenant, secret_versions.c.name == name)
        .values(sealed=None)
    )


async def _is_variable(transaction: Transaction, tenant: str, name: str) -> bool:
    query = select(exists().where(variables.c.tenant == tenant, variables.c.name == name))
    return bool((await transaction.execute(query)).scalar_one())


def _hosts(known: Row[Any] | None) -> list[str]:
    return [] if known is None else known.allowed_hosts


def _is(tenant: str, name: str) -> tuple[Any, Any]:
    return secrets.c.tenant == tenant, secrets.c.name == name


def _place(tenant: str, name: str, version: int) -> Place:
    return Place("secret", tenant, name, version)


def _unknown(tenant: str, name: str) -> NotFound:
    return NotFound(f"there is no secret {name!r} in tenant {tenant!r}")
