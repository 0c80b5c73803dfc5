"""The SQL store: all parts together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from sealgate.secret import Secret
from sealgate.stores.additions import Additions
from sealgate.stores.api_tokens import ApiTokens
from sealgate.stores.captures import Captures, changed_captures
from sealgate.stores.connectors import changed_connectors
from sealgate.stores.database import Database
from sealgate.stores.keys import Keys
from sealgate.stores.ports import Store, StoredConnector, TenantContent, TokenStore
from sealgate.stores.public_key_ports import PublicKeyStore
from sealgate.stores.public_keys import PublicKeys, changed_public_keys
from sealgate.stores.revision_ports import RevisionStore
from sealgate.stores.revisions import Revisions
from sealgate.stores.run_ports import RunStore
from sealgate.stores.runs import SqlRunStore
from sealgate.stores.schema import changes, tenants
from sealgate.stores.sealing import SealingKey
from sealgate.stores.secrets import changed_secrets
from sealgate.stores.source_ports import SourceStore
from sealgate.stores.sources import Sources
from sealgate.stores.studio_ports import StudioStore
from sealgate.stores.studio_sessions import StudioSessions
from sealgate.stores.sync_runs import SyncRuns
from sealgate.stores.token_cache import SqlTokenStore
from sealgate.stores.variables import Variables, changed_variables


class SqlStore(
    Additions,
    Revisions,
    Variables,
    ApiTokens,
    Sources,
    SyncRuns,
    Captures,
    StudioSessions,
    PublicKeys,
    Store,
    RevisionStore,
    PublicKeyStore,
    SourceStore,
    StudioStore,
):
    """The durable store (ports `Store`, `RevisionStore`, `PublicKeyStore`, `SourceStore` and `StudioStore`),
    with the shared token store and the runs of connectors besides.

    `key_created` says that this start made the operator's key: the operator is then told to back it up."""

    tokens: TokenStore
    runs: RunStore

    def __init__(self, database: Database, keys: Keys, *, key_created: bool) -> None:
        super().__init__(database, keys)
        self.key_created = key_created
        self.tokens = SqlTokenStore(database, SealingKey(keys.derive("token-cache")))
        self.runs = SqlRunStore(database, keys)

    def derive_key(self, purpose: str) -> bytes:
        """A 256-bit key for one purpose, the same in every process, after restarts and rotations."""
        return self._keys.derive(purpose).reveal()

    async def change_counter(self) -> int:
        return await self._database.change_counter()

    def written_to(self) -> bool:
        """Whether anybody may have written since this was asked last."""
        return self._database.written_to()

    async def load_changed(
        self, since: int, held: Mapping[str, Mapping[str, StoredConnector]]
    ) -> tuple[int, Sequence[TenantContent]]:
        changed = tenants.c.changed > since
        async with self._database.read() as transaction:
            counter = (await transaction.execute(select(changes.c.value))).scalar_one()
            names = (await transaction.execute(select(tenants.c.name).where(changed))).scalars().all()
            if not names:
                return counter, ()
            connectors = await changed_connectors(transaction, since, held)
            secrets = await changed_secrets(transaction, self._keys, since)
            variables = await changed_variables(transaction, since)
            captures = await changed_captures(transaction, since)
            public_keys = await changed_public_keys(transaction, since)
        return counter, [
            TenantContent(
                name,
                connectors[name],
                secrets.get(name, ()),
                variables.get(name, ()),
                captures.get(name, {}),
                public_keys.get(name, ()),
            )
            for name in names
        ]

    async def operator_key(self) -> Secret[bytes]:
        """The operator's key in force."""
        async with self._database.read() as transaction:
            return await self._keys.operator(transaction)

    async def rotate_key(self, new_key: Secret[bytes]) -> None:
        """See the port. `rotation.rotate_key_file` changes the key file as well."""
        async with self._database.write() as transaction:
            await self._keys.rotate(transaction, new_key)
        self._keys.adopt(new_key)

    async def close(self) -> None:
        await self._database.close()
