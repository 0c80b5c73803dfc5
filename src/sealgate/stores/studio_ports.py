"""What Studio needs from a store: who may sign in, and who is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sealgate.secret import Secret


@dataclass(frozen=True, slots=True)
class StudioSession:
    """Someone who is signed in to Studio: the hash of the cookie's text is inside the store."""

    id: str
    tenant: str
    name: str
    """Who is on record for changes, as `studio:<name>`."""
    scopes: frozenset[str]
    user_agent: str
    created_at: float
    seen_at: float
    expires_at: float
    api_token: str | None = None
    """The id of the API token that it was begun with, and ends with."""


@dataclass(frozen=True, slots=True)
class LoginLink:
    """A link into Studio that nobody has used yet. `id` is the hash of its token, in hexadecimal."""

    id: str
    name: str
    scopes: frozenset[str]
    created_at: float
    created_by: str
    expires_at: float


class StudioStore(Protocol):
    """Login links and sessions. Times are Unix seconds; what has expired is never found."""

    async def create_login_link(
        self, tenant: str, name: str, scopes: frozenset[str], *, expires_at: float, actor: str
    ) -> Secret[str]:
        """The link's token, which is not stored."""
        ...

    async def use_login_link(self, text: Secret[str]) -> tuple[str, str, frozenset[str]] | None:
        """The tenant, name and scopes of a link that was good until now, and is no more."""
        ...

    async def list_login_links(self, tenant: str) -> Sequence[LoginLink]:
        """The newest first."""
        ...

    async def delete_login_link(self, tenant: str, id: str) -> None:
        """Raises NotFound."""
        ...

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
        """The session and the text of its cookie. It ends with the API token of the id `api_token`."""
        ...

    async def find_studio_session(self, text: Secret[str], *, idle: float) -> StudioSession | None:
        """The session of a cookie's text, unless it was not seen for `idle` seconds; it is seen now."""
        ...

    async def list_studio_sessions(self, tenant: str, *, idle: float) -> Sequence[StudioSession]: ...

    async def delete_studio_session(self, tenant: str, id: str) -> None:
        """Raises NotFound."""
        ...

    async def delete_other_studio_sessions(self, tenant: str, kept: str) -> int:
        """All of the tenant but the one of the id `kept`. Returns how many."""
        ...
