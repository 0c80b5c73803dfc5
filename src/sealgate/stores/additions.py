"""Connectors together with the secrets that they need, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from sealgate.errors import Conflict
from sealgate.stores import naming
from sealgate.stores.connectors import Connectors
from sealgate.stores.ports import NewSecret, StoredConnector
from sealgate.stores.schema import secrets as secret_table
from sealgate.stores.secrets import Secrets


class Additions(Connectors, Secrets):
    async def add(
        self,
        tenant: str,
        documents: Mapping[str, dict[str, Any]],
        secrets: Sequence[NewSecret],
        *,
        actor: str,
    ) -> Sequence[StoredConnector]:
        """See the port. Raises DocumentInvalid, too."""
        for secret in secrets:
            naming.check("secret", secret.name, secret.value.reveal(), may_be_empty=False)
        async with self._database.change(tenant) as (transaction, revision):
            known = select(secret_table.c.name).where(secret_table.c.tenant == tenant)
            taken = set((await transaction.execute(known)).scalars())
            for secret in secrets:
                if secret.name in taken:
                    raise Conflict(f"the secret {secret.name!r} exists: choose another name")
                await self._write_secret(
                    transaction,
                    tenant,
                    secret.name,
                    secret.value,
                    actor=actor,
                    allowed_hosts=secret.allowed_hosts,
                    public=secret.public,
                )
            stored = []
            for permalink, document in documents.items():
                connector, _ = await self._write_connector(
                    transaction, revision, tenant, permalink, document, actor=actor, create_only=True
                )
                stored.append(connector)
        return stored
