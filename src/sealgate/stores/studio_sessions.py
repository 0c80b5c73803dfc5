"""Login links and Studio's sessions in the SQL store. Their texts are 256 random bits, kept as SHA-256
like those of API tokens."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from secrets import token_hex, token_urlsafe
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from sealgate.errors import NotFound
from sealgate.secret import Secret
from sealgate.stores.part import Part
from sealgate.stores.schema import login_links, studio_sessions
from sealgate.stores.studio_ports import LoginLink, StudioSession

SEEN_SECONDS = 60.0
"""How exactly it is known when a session was last seen: reading a page need not write each time."""


class StudioSessions(Part):
    async def create_login_link(
        self, tenant: str, name: str, scopes: frozenset[str], *, expires_at: float, actor: str
    ) -> Secret[str]:
        text, now = Secret(token_urlsafe(32)), time.time()
        async with self._database.write() as transaction:
            await self._keys.ensure_tenant(transaction, tenant)
            await transaction.execute(delete(login_links).where(login_links.c.expires_at <= now))
            await transaction.execute(
                insert(login_links).values(
                    hash=_hash(text),
                    tenant=tenant,
                    name=name,
                    scopes=sorted(scopes),
                    created_at=now,
                    created_by=actor,
                    expires_at=expires_at,
                )
            )
        return text

    async def use_login_link(self, text: Secret[str]) -> tuple[str, str, frozenset[str]] | None:
        good = (login_links.c.hash == _hash(text)) & (login_links.c.expires_at > time.time())
        taken = delete(login_links).where(good).returning(login_links)
        async with self._database.write() as transaction:
            row = (await transaction.execute(taken)).one_or_none()
        return None if row is None else (row.tenant, row.name, frozenset(row.scopes))

    async def list_login_links(self, tenant: str) -> Sequence[LoginLink]:
        query = (
            select(login_links)
            .where(login_links.c.tenant == tenant, login_links.c.expires_at > time.time())
            .order_by(login_links.c.created_at.desc())
        )
        async with self._database.read() as transaction:
            return [_link(row) for row in await transaction.execute(query)]

    async def delete_login_link(self, tenant: str, id: str) -> None:
        async with self._database.write() as transaction:
            of_tenant = select(login_links.c.hash).where(login_links.c.tenant == tenant)
            hashes = {row.hash.hex(): row.hash for row in await transaction.execute(of_tenant)}
            if id not in hashes:
                raise NotFound(f"there is no login link {id!r} in tenant {tenant!r}")
            await transaction.execute(delete(login_links).where(login_links.c.hash == hashes[id]))

    async def create_studio_session(
        self,
        tenant: str,
        name: str,
        scopes: frozenset[str],
        *,
        user_agent: str,
        expires_at: float,
        api_token: str | None = None,
    ) -> tuple[StudioSession, Secret[str]]:
        text, now = Secret(token_urlsafe(32)), time.time()
        session = StudioSession(
            token_hex(8), tenant, name, scopes, user_agent, now, now, expires_at, api_token
        )
        async with self._database.write() as transaction:
            await self._keys.ensure_tenant(transaction, tenant)
            await transaction.execute(delete(studio_sessions).where(studio_sessions.c.expires_at <= now))
            await transaction.execute(
                insert(studio_sessions).values(
                    id=session.id,
                    hash=_hash(text),
                    tenant=tenant,
                    name=name,
                    scopes=sorted(scopes),
                    api_token=api_token,
                    user_agent=user_agent,
                    created_at=now,
                    seen_at=now,
                    expires_at=expires_at,
                )
            )
        return session, text

    async def find_studio_session(self, text: Secret[str], *, idle: float) -> StudioSession | None:
        now = time.time()
        query = select(studio_sessions).where(studio_sessions.c.hash == _hash(text), *_alive(now, idle))
        async with self._database.read() as transaction:
            row = (await transaction.execute(query)).one_or_none()
        if row is None:
            return None
        if now - row.seen_at >= SEEN_SECONDS:
            seen = update(studio_sessions).where(studio_sessions.c.id == row.id).values(seen_at=now)
            async with self._database.write() as transaction:
                await transaction.execute(seen)
        return _session(row)

    async def list_studio_sessions(self, tenant: str, *, idle: float) -> Sequence[StudioSession]:
        query = (
            select(studio_sessions)
            .where(studio_sessions.c.tenant == tenant, *_alive(time.time(), idle))
            .order_by(studio_sessions.c.seen_at.desc())
        )
        async with self._database.read() as transaction:
            return [_session(row) for row in await transaction.execute(query)]

    async def delete_studio_session(self, tenant: str, id: str) -> None:
        statement = delete(studio_sessions).where(
            studio_sessions.c.tenant == tenant, studio_sessions.c.id == id
        )
        async with self._database.write() as transaction:
            if not (await transaction.execute(statement)).rowcount:
                raise NotFound(f"there is no session {id!r} in tenant {tenant!r}")

    async def delete_other_studio_sessions(self, tenant: str, kept: str) -> int:
        statement = delete(studio_sessions).where(
            studio_sessions.c.tenant == tenant, studio_sessions.c.id != kept
        )
        async with self._database.write() as transaction:
            return (await transaction.execute(statement)).rowcount


def _alive(now: float, idle: float) -> tuple[Any, Any]:
    return studio_sessions.c.expires_at > now, studio_sessions.c.seen_at > now - idle


def _hash(text: Secret[str]) -> bytes:
    return hashlib.sha256(text.reveal().encode("utf-8", "surrogatepass")).digest()


def _session(row: Row[Any]) -> StudioSession:
    return StudioSession(
        id=row.id,
        tenant=row.tenant,
        name=row.name,
        scopes=frozenset(row.scopes),
        user_agent=row.user_agent,
        created_at=row.created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        api_token=row.api_token,
    )


def _link(row: Row[Any]) -> LoginLink:
    return LoginLink(
        id=row.hash.hex(),
        name=row.name,
        scopes=frozenset(row.scopes),
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
    )
