"""What the rest of Sealgate needs from a store. `sqlite` is one answer; PostgreSQL and Redis are later
answers to the same questions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sealgate.secret import Secret
from sealgate.stores.public_key_ports import ListedKey, PublicHalf

SCOPES = ("execute", "read", "write", "secrets", "admin")


def text_of(document: Mapping[str, Any]) -> bytes:
    """A document as `StoredConnector.text` holds it. Not by orjson, here and in `document`: it turns the
    integers over 64 bits that JWT claims may have into others. Raises TypeError when it is not JSON."""
    return json.dumps(document, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class StoredConnector:
    """A connector as saved. Most connectors are held and not in use: so the document is held as text."""

    permalink: str
    text: bytes
    """The document: normalised JSON, its permalink set."""
    revision: int
    """Grows with each change of this connector; the `ETag` of the admin API."""
    source: str | None
    """The registry source that owns it; `None` when made by hand."""
    created_at: float
    updated_at: float
    updated_by: str

    @property
    def document(self) -> dict[str, Any]:
        """The document, parsed anew: who needs it several times keeps it."""
        document: dict[str, Any] = json.loads(self.text)
        return document


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A secret with its value unsealed. Lists use `SecretInfo`."""

    name: str
    value: Secret[str] = field(repr=False)
    version: int
    allowed_hosts: tuple[str, ...]
    key_id: str | None = None
    """The `kid` of its public half, when that is kept."""


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret to be created. Without `allowed_hosts` it may go to every host."""

    name: str
    value: Secret[str] = field(repr=False)
    allowed_hosts: tuple[str, ...] = ()
    public: PublicHalf | None = None


@dataclass(frozen=True, slots=True)
class SecretInfo:
    """What a list shows of a secret: never its value."""

    name: str
    first_character: str
    fingerprint: str
    version: int
    allowed_hosts: tuple[str, ...]
    created_at: float
    updated_at: float
    updated_by: str
    public: PublicHalf | None = None


@dataclass(frozen=True, slots=True)
class SecretVersion:
    """Who gave a secret a value, and when (Unix seconds)."""

    version: int
    created_at: float
    created_by: str


@dataclass(frozen=True, slots=True)
class HostChange:
    """Who changed the hosts that a secret may be sent to, and when (Unix seconds). Empty: to any host."""

    allowed_hosts: tuple[str, ...]
    changed_at: float
    changed_by: str


@dataclass(frozen=True, slots=True)
class StoredVariable:
    name: str
    value: str
    created_at: float
    updated_at: float
    updated_by: str


@dataclass(frozen=True, slots=True)
class ApiToken:
    """An API token as stored: its hash is inside the store, its text was shown once."""

    id: str
    name: str
    scopes: frozenset[str]
    permalinks: tuple[str, ...]
    origins: tuple[str, ...]
    expires_at: float | None
    created_at: float
    created_by: str


@dataclass(frozen=True, slots=True)
class TenantContent:
    """Everything a snapshot of one tenant is built from, read in one transaction."""

    tenant: str
    connectors: Mapping[str, StoredConnector]
    """By permalink."""
    secrets: tuple[StoredSecret, ...]
    variables: tuple[StoredVariable, ...]
    captures: Mapping[str, float] = field(default_factory=dict)
    """Until when bodies are captured (Unix seconds), by permalink."""
    public_keys: tuple[ListedKey, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectorChanges:
    """What a registry sync writes, in one transaction: all of it or nothing."""

    source: str
    created: tuple[tuple[str, dict[str, Any]], ...] = ()
    updated: tuple[tuple[str, dict[str, Any]], ...] = ()
    deleted: tuple[str, ...] = ()
    source_revision: int | None = None
    """When given: the source must still be as it was at that change."""


class Store(Protocol):
    """The durable store. Every method may raise `NotFound` or `Conflict`; `actor` is who did it."""

    async def change_counter(self) -> int:
        """Grows with every committed change of connectors, secrets, variables or API tokens, made by
        any process. Cheap enough to ask five times a second."""
        ...

    async def load_changed(
        self, since: int, held: Mapping[str, Mapping[str, StoredConnector]]
    ) -> tuple[int, Sequence[TenantContent]]:
        """The change counter, and the content of every tenant that changed after it was `since` (-1: of
        every tenant), at one moment. `held` has the connectors that the tenants had at `since`, by tenant
        and permalink: those that did not change are not read again, and are the same objects.

        Raises StoreUnusable when a secret does not open."""
        ...

    async def list_connectors(self, tenant: str) -> Sequence[StoredConnector]: ...
    async def get_connector(self, tenant: str, permalink: str) -> StoredConnector: ...
    async def put_connector(
        self,
        tenant: str,
        permalink: str,
        document: dict[str, Any],
        *,
        actor: str,
        create_only: bool = False,
        if_revision: int | None = None,
    ) -> tuple[StoredConnector, bool]:
        """Create or replace a connector made by hand; the flag says whether it was created.

        Raises Conflict when `create_only` and it exists, or when a source owns it;
        PreconditionFailed when `if_revision` is not the stored one."""
        ...

    async def delete_connector(
        self, tenant: str, permalink: str, *, actor: str, if_revision: int | None = None
    ) -> None: ...
    async def apply_source(self, tenant: str, changes: ConnectorChanges, *, actor: str) -> None: ...

    async def put_capture(self, tenant: str, permalink: str, until: float, *, actor: str) -> None:
        """Capture the bodies of a connector until then. Raises ConnectorNotFound."""
        ...

    async def delete_capture(self, tenant: str, permalink: str, *, actor: str) -> None: ...

    async def list_secrets(self, tenant: str) -> Sequence[SecretInfo]: ...
    async def get_secret_info(self, tenant: str, name: str) -> SecretInfo: ...
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
        """Create, or replace the value (a new version; `allowed_hosts=None` keeps the list); `public` is
        the public half of the new value. Raises Conflict when a variable has the name, or when
        `create_only` and a secret has it."""
        ...

    async def set_allowed_hosts(
        self, tenant: str, name: str, allowed_hosts: Sequence[str], *, actor: str
    ) -> SecretInfo:
        """Replace the list of hosts; the value and its version stay."""
        ...

    async def list_secret_versions(self, tenant: str, name: str, limit: int) -> Sequence[SecretVersion]:
        """The newest versions, newest first."""
        ...

    async def list_host_changes(self, tenant: str, name: str, limit: int) -> Sequence[HostChange]:
        """The newest changes of the allowed hosts, newest first; none of a secret that is not there."""
        ...

    async def delete_secret(self, tenant: str, name: str, *, actor: str) -> None: ...

    async def add(
        self,
        tenant: str,
        documents: Mapping[str, dict[str, Any]],
        secrets: Sequence[NewSecret],
        *,
        actor: str,
    ) -> Sequence[StoredConnector]:
        """Create connectors (by permalink, normalised) and secrets, all or nothing. Raises Conflict when
        one of the names is taken."""
        ...

    async def list_variables(self, tenant: str) -> Sequence[StoredVariable]: ...
    async def get_variable(self, tenant: str, name: str) -> StoredVariable: ...
    async def put_variable(
        self, tenant: str, name: str, value: str, *, actor: str, create_only: bool = False
    ) -> tuple[StoredVariable, bool]:
        """Create or replace. Raises Conflict when a secret has the name, or when `create_only` and a
        variable has it."""
        ...

    async def delete_variable(self, tenant: str, name: str, *, actor: str) -> None: ...

    async def list_api_tokens(self, tenant: str) -> Sequence[ApiToken]: ...
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
        """The token's record and its text, which is not stored."""
        ...

    async def delete_api_token(self, tenant: str, id: str, *, actor: str) -> None: ...
    async def find_api_token(self, text: Secret[str]) -> tuple[str, ApiToken] | None:
        """The tenant and record of a token's text, if known; expiry is the caller's to check."""
        ...

    async def rotate_key(self, new_key: Secret[bytes]) -> None:
        """Seal every data key again under a new operator's key."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class CachedToken:
    """A credential of the token cache. `expires_at` and `refresh_at` are Unix seconds."""

    placement: str
    name: str
    value: Secret[str] = field(repr=False)
    obtained_at: float
    expires_at: float
    refresh_at: float


@dataclass(frozen=True, slots=True)
class TokenFailure:
    """A token endpoint's last failure: until `retry_at` nobody asks it again."""

    detail: str
    code: str
    upstream_status: int | None
    oauth_error: str | None
    oauth_description: str | None
    attempts: int
    retry_at: float


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """What the processes of one deployment share about one token key."""

    token: CachedToken | None = None
    failure: TokenFailure | None = None
    leased_until: float = 0.0
    """Another process is fetching until then."""


class TokenStore(Protocol):
    """Tokens shared between processes and kept over a restart, sealed at rest. `key` is the keyed
    digest of `auth.base.fingerprint`."""

    async def read(self, key: str) -> TokenEntry: ...
    async def lease(self, key: str, owner: str, now: float, seconds: float) -> bool:
        """Whether `owner` may fetch: nobody else holds an unexpired lease."""
        ...

    async def store(self, key: str, owner: str, token: CachedToken) -> None:
        """Write the token, clear the failure, end the lease."""
        ...

    async def fail(self, key: str, owner: str, failure: TokenFailure) -> None:
        """Write the failure, end the lease. A token that is still valid stays."""
        ...

    async def release(self, key: str, owner: str) -> None:
        """End the lease without a result (the fetch was cancelled)."""
        ...

    async def drop(self, key: str, value: Secret[str]) -> None:
        """Forget the token if it is still this one (an API refused it); never a newer one."""
        ...
