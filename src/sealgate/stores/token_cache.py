"""Tokens that the processes of a deployment share and keep over a restart.

A token and a failure are sealed whole (an OAuth server's error text may repeat what was sent to it),
each at the place of its key. Every operation is one statement, so processes need no further lock.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import orjson
from sqlalchemy import ColumnElement, case, delete, or_, select, update

from sealgate.secret import Secret
from sealgate.stores.database import Database, upsert
from sealgate.stores.ports import CachedToken, TokenEntry, TokenFailure
from sealgate.stores.schema import token_cache
from sealgate.stores.sealing import Place, SealBroken, SealingKey

_KEEP_FAILURE = 3600.0
"""Seconds after `retry_at` for which the number of attempts is remembered."""


class SqlTokenStore:
    """The port `TokenStore` on the SQL database. Times come from the caller's clock."""

    def __init__(self, database: Database, key: SealingKey) -> None:
        self._database = database
        self._key = key

    async def read(self, key: str) -> TokenEntry:
        """What is known of the key. A row that does not open counts as absent."""
        async with self._database.read() as transaction:
            query = select(token_cache).where(token_cache.c.key == key)
            row = (await transaction.execute(query)).one_or_none()
        if row is None:
            return TokenEntry()
        token = self._open("token", key, row.token)
        failure = self._open("token-failure", key, row.failure)
        return TokenEntry(
            token=None if token is None else CachedToken(**{**token, "value": Secret(token["value"])}),
            failure=None if failure is None else TokenFailure(**failure),
            leased_until=0.0 if row.lease_owner is None else row.leased_until,
        )

    async def lease(self, key: str, owner: str, now: float, seconds: float) -> bool:
        until = now + seconds
        leased = {"lease_owner": owner, "leased_until": until}
        statement = (
            upsert(token_cache)
            .values(key=key, keep_until=until, **leased)
            .on_conflict_do_update(
                index_elements=[token_cache.c.key],
                set_={**leased, "keep_until": _later(until)},
                where=or_(
                    token_cache.c.lease_owner.is_(None),
                    token_cache.c.lease_owner == owner,
                    token_cache.c.leased_until <= now,
                ),
            )
        )
        async with self._database.write() as transaction:
            return (await transaction.execute(statement)).rowcount == 1

    async def store(self, key: str, owner: str, token: CachedToken) -> None:
        content = {
            "token": self._seal("token", key, _plain(token)),
            "failure": None,
            "keep_until": token.expires_at,
        }
        statement = (
            upsert(token_cache)
            .values(key=key, leased_until=0.0, **content)
            .on_conflict_do_update(
                index_elements=[token_cache.c.key], set_={**content, "lease_owner": _unless(owner)}
            )
        )
        # Who stores a token, sweeps: that is rare enough, and the table never outgrows its use.
        sweep = delete(token_cache).where(token_cache.c.keep_until < token.obtained_at)
        async with self._database.write() as transaction:
            await transaction.execute(statement)
            await transaction.execute(sweep)

    async def fail(self, key: str, owner: str, failure: TokenFailure) -> None:
        """See the port. An owner whose lease went to another is too late to report a failure."""
        sealed = self._seal("token-failure", key, asdict(failure))
        keep_until = failure.retry_at + _KEEP_FAILURE
        statement = (
            upsert(token_cache)
            .values(key=key, failure=sealed, leased_until=0.0, keep_until=keep_until)
            .on_conflict_do_update(
                index_elements=[token_cache.c.key],
                set_={"failure": sealed, "lease_owner": None, "keep_until": _later(keep_until)},
                where=or_(token_cache.c.lease_owner.is_(None), token_cache.c.lease_owner == owner),
            )
        )
        async with self._database.write() as transaction:
            await transaction.execute(statement)

    async def release(self, key: str, owner: str) -> None:
        statement = (
            update(token_cache)
            .where(token_cache.c.key == key, token_cache.c.lease_owner == owner)
            .values(lease_owner=None)
        )
        async with self._database.write() as transaction:
            await transaction.execute(statement)

    async def drop(self, key: str, value: Secret[str]) -> None:
        async with self._database.read() as transaction:
            query = select(token_cache.c.token).where(token_cache.c.key == key)
            sealed = (await transaction.execute(query)).scalar_one_or_none()
        token = self._open("token", key, sealed)
        if token is None or Secret(token["value"]) != value:
            return
        # A newer token has other sealed bytes and stays.
        statement = (
            update(token_cache)
            .where(token_cache.c.key == key, token_cache.c.token == sealed)
            .values(token=None)
        )
        async with self._database.write() as transaction:
            await transaction.execute(statement)

    def _seal(self, purpose: str, key: str, content: dict[str, Any]) -> bytes:
        return self._key.seal(Secret(orjson.dumps(content)), Place(purpose, name=key))

    def _open(self, purpose: str, key: str, sealed: bytes | None) -> dict[str, Any] | None:
        if sealed is None:
            return None
        try:
            opened: dict[str, Any] = orjson.loads(self._key.unseal(sealed, Place(purpose, name=key)).reveal())
        except SealBroken:
            return None
        return opened


def _plain(token: CachedToken) -> dict[str, Any]:
    members = {member.name: getattr(token, member.name) for member in fields(token)}
    return {**members, "value": token.value.reveal()}


def _later(until: float) -> ColumnElement[float]:
    return case((token_cache.c.keep_until > until, token_cache.c.keep_until), else_=until)


def _unless(owner: str) -> ColumnElement[str | None]:
    """The lease's owner, or nobody when it is this one."""
    return case((token_cache.c.lease_owner == owner, None), else_=token_cache.c.lease_owner)
