"""The keys of a deployment: the operator's key seals the others, and is replaced without touching them.

The operator's key seals one data key per tenant (envelope encryption) and the deployment's key, from
which keys are derived that must outlive a rotation.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, update

from sealgate.secret import Secret
from sealgate.stores.database import Transaction
from sealgate.stores.errors import StoreUnusable
from sealgate.stores.key_file import KeyFile
from sealgate.stores.schema import deployment, tenants
from sealgate.stores.sealing import Place, SealBroken, SealingKey, derive_key, new_key

_DEPLOYMENT_PLACE = Place("deployment-key")


class Keys:
    """The keys in use. Data keys are opened when first needed and never change. `file` is `None` when the
    operator's key is in no file, and ends with the process."""

    def __init__(self, file: KeyFile | None, operator: Secret[bytes], root: Secret[bytes]) -> None:
        self.file = file
        self._operator = operator
        self._root = root
        self._data_keys: dict[str, SealingKey] = {}

    @classmethod
    async def open(cls, transaction: Transaction, file: KeyFile) -> tuple[Keys, bool]:
        """The keys of this database; the flag says whether the key file was created, which happens only
        where nothing is sealed yet. Completes a rotation that was interrupted. Raises StoreUnusable."""
        sealed = await _sealed_root(transaction)
        if sealed is None:
            return await _first_start(transaction, file)
        if not file.exists() and file.previous.exists():
            file.previous.path.replace(file.path)
        if not file.exists():
            raise StoreUnusable(
                f"The database holds sealed data, but the operator's key {file.path} is missing. "
                "To go on, restore it from your backup, or set SEALGATE_KEY_FILE to where it is."
            )
        current = file.read()
        operator, root = _open_root(sealed, file, current)
        keys = cls(file, operator, root)
        if operator != current:
            await keys.rotate(transaction, current)
        return keys, False

    @classmethod
    async def in_memory(cls, transaction: Transaction) -> Keys:
        """New keys, for a database that ends with the process."""
        operator, root = new_key(), new_key()
        await _write_root(transaction, operator, root)
        return cls(None, operator, root)

    def derive(self, purpose: str) -> Secret[bytes]:
        """A key that stays the same over restarts and rotations."""
        return derive_key(self._root, purpose)

    async def data_key(self, transaction: Transaction, tenant: str) -> SealingKey | None:
        """The tenant's data key; `None` when the tenant has none, and so nothing that is sealed."""
        known = self._data_keys.get(tenant)
        return known or (await self.data_keys(transaction, tenants.c.name == tenant)).get(tenant)

    async def data_keys(self, transaction: Transaction, which: ColumnElement[bool]) -> dict[str, SealingKey]:
        """The data keys of these rows of `tenants`, by tenant."""
        rows = (await transaction.execute(select(tenants).where(which))).all()
        unopened = [row for row in rows if row.name not in self._data_keys]
        if unopened:
            operator = await self.operator(transaction)
            self._data_keys |= {row.name: SealingKey(_open_data_key(operator, row)) for row in unopened}
        return {row.name: self._data_keys[row.name] for row in rows}

    async def ensure_tenant(self, transaction: Transaction, tenant: str) -> SealingKey:
        """The tenant's data key, made now if this is the tenant's first content."""
        known = await self.data_key(transaction, tenant)
        if known is not None:
            return known
        key = new_key()
        sealed = SealingKey(await self.operator(transaction)).seal(key, _data_key_place(tenant))
        await transaction.execute(
            insert(tenants).values(name=tenant, sealed_key=sealed, created_at=time.time())
        )
        # Not remembered: the transaction may still fail, and the next one would make another key.
        return SealingKey(key)

    async def operator(self, transaction: Transaction) -> Secret[bytes]:
        """The operator's key in force, found again when another process has rotated it."""
        sealed = await _sealed_root(transaction)
        if sealed is None:
            raise StoreUnusable("The database lost its deployment key. To go on, restore your backup.")
        self._operator, _ = _open_root(sealed, self.file, self._operator)
        return self._operator

    async def rotate(self, transaction: Transaction, new: Secret[bytes]) -> None:
        """Seal the data keys and the deployment's key again, under `new`; `adopt` it after the commit."""
        old = await self.operator(transaction)
        sealing = SealingKey(new)
        rows = (await transaction.execute(select(tenants))).all()
        for row in rows:
            sealed = sealing.seal(_open_data_key(old, row), _data_key_place(row.name))
            await transaction.execute(
                update(tenants).where(tenants.c.name == row.name).values(sealed_key=sealed)
            )
        await transaction.execute(
            update(deployment).values(sealed_key=sealing.seal(self._root, _DEPLOYMENT_PLACE))
        )

    def adopt(self, operator: Secret[bytes]) -> None:
        """Go on with another operator's key."""
        self._operator = operator


async def _first_start(transaction: Transaction, file: KeyFile) -> tuple[Keys, bool]:
    created = not file.exists()
    if created:
        file.write(new_key())
    operator, root = file.read(), new_key()
    await _write_root(transaction, operator, root)
    return Keys(file, operator, root), created


async def _write_root(transaction: Transaction, operator: Secret[bytes], root: Secret[bytes]) -> None:
    sealed = SealingKey(operator).seal(root, _DEPLOYMENT_PLACE)
    await transaction.execute(insert(deployment).values(id=1, sealed_key=sealed))


async def _sealed_root(transaction: Transaction) -> bytes | None:
    return (await transaction.execute(select(deployment.c.sealed_key))).scalar_one_or_none()


def _open_root(
    sealed: bytes, file: KeyFile | None, held: Secret[bytes]
) -> tuple[Secret[bytes], Secret[bytes]]:
    """The operator's key that opens the deployment's key, and the deployment's key. During a rotation
    either of the two files may hold it."""
    files = (file, file.previous) if file else ()
    candidates = [lambda: held, *(other.read for other in files if other.exists())]
    for candidate in candidates:
        operator = candidate()
        try:
            return operator, SealingKey(operator).unseal(sealed, _DEPLOYMENT_PLACE)
        except SealBroken:
            continue
    raise StoreUnusable(
        f"The operator's key {file.path if file else '(in memory)'} does not open this database: another key "
        "sealed it. To go on, restore the key that belongs to the database from your backup."
    )


def _open_data_key(operator: Secret[bytes], row: Row[Any]) -> Secret[bytes]:
    try:
        return SealingKey(operator).unseal(row.sealed_key, _data_key_place(row.name))
    except SealBroken:
        raise StoreUnusable(
            f"The data key of tenant {row.name!r} was changed outside Sealgate. "
            "To go on, restore a backup of the database."
        ) from None


def _data_key_place(tenant: str) -> Place:
    return Place("data-key", tenant)
