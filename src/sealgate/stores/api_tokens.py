"""API tokens in the SQL store. A token is 256 random bits; what is kept is their SHA-256, which needs
no salt and no slow hash because nobody can guess the input."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from secrets import token_hex, token_urlsafe
from typing import Any

from sqlalchemy import Row, delete, insert, select

from sealgate.errors import NotFound
from sealgate.secret import Secret
from sealgate.stores.part import Part
from sealgate.stores.ports import ApiToken
from sealgate.stores.schema import api_tokens

PREFIX = "sgt_"
_TEXT = re.compile(r"sgt_[A-Za-z0-9_-]{43}")


class ApiTokens(Part):
    async def list_api_tokens(self, tenant: str) -> Sequence[ApiToken]:
        query = select(api_tokens).where(api_tokens.c.tenant == tenant).order_by(api_tokens.c.created_at)
        async with self._database.read() as transaction:
            return [_stored(row) for row in await transaction.execute(query)]

    async def create_api_token(
        self,
        tenant: str,
        name: str,
        scopes: frozenset[str],
        *,
        permalinks: Sequence[str] = (),
        origins: Sequence[str] = (),
        expires_at: float | None = None,
        actor: str,
    ) -> tuple[ApiToken, Secret[str]]:
        text = Secret(PREFIX + token_urlsafe(32))
        token = ApiToken(
            token_hex(8), name, scopes, tuple(permalinks), tuple(origins), expires_at, time.time(), actor
        )
        async with self._database.change(tenant) as (transaction, _):
            await self._keys.ensure_tenant(transaction, tenant)
            await transaction.execute(
                insert(api_tokens).values(
                    id=token.id,
                    tenant=tenant,
                    hash=_hash(text),
                    name=name,
                    scopes=sorted(scopes),
                    permalinks=list(permalinks),
                    origins=list(origins),
                    expires_at=expires_at,
                    created_at=token.created_at,
                    created_by=actor,
                )
            )
        return token, text

    async def delete_api_token(self, tenant: str, id: str, *, actor: str) -> None:
        statement = delete(api_tokens).where(api_tokens.c.tenant == tenant, api_tokens.c.id == id)
        async with self._database.change(tenant) as (transaction, _):
            if not (await transaction.execute(statement)).rowcount:
                raise NotFound(f"there is no API token {id!r} in tenant {tenant!r}")

    async def find_api_token(self, text: Secret[str]) -> tuple[str, ApiToken] | None:
        if not _TEXT.fullmatch(text.reveal()):
            return None
        async with self._database.read() as transaction:
            query = select(api_tokens).where(api_tokens.c.hash == _hash(text))
            row = (await transaction.execute(query)).one_or_none()
        return None if row is None else (row.tenant, _stored(row))


def _hash(text: Secret[str]) -> bytes:
    return hashlib.sha256(text.reveal().encode()).digest()


def _stored(row: Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        scopes=frozenset(row.scopes),
        permalinks=tuple(row.permalinks),
        origins=tuple(row.origins),
        expires_at=row.expires_at,
        created_at=row.created_at,
        created_by=row.created_by,
    )
