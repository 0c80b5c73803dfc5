"""Who calls the data plane (design section 8): an API token, a session, or nobody known.

Deny by default. A credential that is shown must be good: a bad one is refused even where anonymous
callers are welcome. `Authorization` goes before the cookie.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Literal, Self

from sealgate.caller import DEFAULT_TENANT, Caller
from sealgate.errors import AuthenticationRequired, Forbidden
from sealgate.execution.engine import Engine
from sealgate.message import Fields
from sealgate.secret import Secret
from sealgate.stores.ports import ApiToken
from sealgate.web.cors import Cors
from sealgate.web.headers import cookie, values
from sealgate.web.jwks import JwksKeys
from sealgate.web.problems import CHALLENGE
from sealgate.web.sessions import Expected, Session, SessionKeys, Sessions, refused, shared_secret

Source = Literal["api token", "admin token", "session", "session cookie", "anonymous"]

TOKEN_PREFIX = "sgt_"  # noqa: S105
REMEMBERED_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller, and what said who that is."""

    caller: Caller
    source: Source


@dataclass(frozen=True, slots=True)
class FoundToken:
    """An API token of a tenant, and who shows it."""

    owner: str
    token: ApiToken
    identity: Identity

    @classmethod
    def of(cls, owner: str, token: ApiToken) -> Self:
        return cls(owner, token, Identity(Caller(owner, token_name=token.name), "api token"))


class Access:
    """Identifies the callers of one process."""

    def __init__(self, engine: Engine, cors: Cors) -> None:
        """Raises DocumentInvalid when the settings of sessions cannot be used."""
        settings = engine.settings
        self._engine = engine
        self._cors = cors
        keys = session_keys(engine)
        expected = Expected(settings.session_issuer, settings.session_audience)
        self._sessions = Sessions(keys, expected) if keys else None
        self._cookie = settings.session_cookie
        self._anonymous = settings.anonymous_access
        self._admin_token = settings.admin_token.get_secret_value().encode() if settings.admin_token else None
        self._found: dict[bytes, tuple[int, FoundToken | None]] = {}

    async def identify(self, tenant: str, permalink: str, fields: Fields) -> Identity:
        """The caller of a connector. Raises AuthenticationRequired, Forbidden, Overloaded."""
        authorization = values(fields, "authorization")
        if authorization:
            return await self._by_bearer(_bearer(authorization), tenant, permalink, fields)
        if self._cookie and (session := cookie(fields, self._cookie)):
            return await self._by_cookie(Secret(session), tenant, fields)
        if self._anonymous:
            return Identity(Caller(tenant), "anonymous")
        raise AuthenticationRequired(
            "send `Authorization: Bearer <session or API token>`", headers={"www-authenticate": CHALLENGE}
        )

    async def _by_bearer(self, token: Secret[str], tenant: str, permalink: str, fields: Fields) -> Identity:
        text = token.reveal()
        if self._admin_token and hmac.compare_digest(text.encode(), self._admin_token):
            return Identity(Caller(tenant, token_name="admin-token"), "admin token")  # noqa: S106
        if text.startswith(TOKEN_PREFIX):
            found = await self._find(token)
            if found is None:
                raise refused("this API token is unknown or was revoked")
            require_limits(found.owner, found.token, tenant, permalink, fields.first.get("origin"))
            return found.identity
        session = await self._verify(token, tenant)
        return Identity(Caller(tenant, session.user), "session")

    async def _by_cookie(self, session: Secret[str], tenant: str, fields: Fields) -> Identity:
        """A browser sends cookies along whoever made the page ask, so that the page has to prove that
        it may read the session's `csrf` claim; GET is no exception, for what an API does on GET is
        not ours to know."""
        origin = fields.first.get("origin")
        if origin is not None and not self._cors.allows(origin) and not same_site(origin, fields):
            raise Forbidden("pages of this origin may not use the session cookie; see SEALGATE_CORS_ORIGINS")
        verified = await self._verify(session, tenant)
        expected = verified.claims.get("csrf")
        if not isinstance(expected, str) or not expected:
            raise Forbidden("a session in a cookie needs a `csrf` claim; the host application must set it")
        shown = fields.first.get("x-csrf-token") or ""
        if not hmac.compare_digest(shown.encode(), expected.encode()):
            raise Forbidden("send the session's `csrf` claim in the header X-CSRF-Token")
        return Identity(Caller(tenant, verified.user), "session cookie")

    async def _verify(self, token: Secret[str], tenant: str) -> Session:
        if self._sessions is None:
            raise refused("this server takes no sessions, and this is no API token")
        session = await self._sessions.verify(token)
        if session.claims.get("tenant", DEFAULT_TENANT) != tenant:
            raise Forbidden("this session belongs to another tenant (claim `tenant`)")
        return session

    async def _find(self, token: Secret[str]) -> FoundToken | None:
        """The stored token, asked of the store once after each change of the store's content: a revoked
        token is refused as soon as any other change is in force (design section 3)."""
        digest = hashlib.sha256(token.reveal().encode()).digest()
        change = self._engine.change
        known = self._found.get(digest)
        if known and known[0] == change:
            return known[1]
        stored = await self._engine.store.find_api_token(token)
        found = FoundToken.of(*stored) if stored else None
        if len(self._found) >= REMEMBERED_TOKENS:
            self._found.clear()
        self._found[digest] = (change, found)
        return found


def session_keys(engine: Engine) -> SessionKeys | None:
    """The keys that sessions are verified with; `None` when the settings name none. Raises
    DocumentInvalid."""
    if engine.settings.session_jwks_url:
        return JwksKeys(engine.settings.session_jwks_url, engine.egress)
    return shared_secret(engine.settings)


def require_limits(owner: str, token: ApiToken, tenant: str, permalink: str, origin: str | None) -> None:
    """Raises AuthenticationRequired for an expired token, Forbidden for what it may not do."""
    if token.expires_at is not None and token.expires_at <= time.time():
        raise refused("this API token has expired")
    if owner != tenant:
        raise Forbidden("this API token belongs to another tenant")
    if not token.scopes & {"execute", "admin"}:
        raise Forbidden("this API token does not have the scope `execute`")
    if token.permalinks and permalink not in token.permalinks:
        raise Forbidden("this API token is limited to other connectors")
    if token.origins and origin not in token.origins:
        shown = f"the origin {origin}" if origin else "a request without Origin"
        raise Forbidden(f"this API token is limited to pages of certain origins, and this is {shown}")


def _bearer(authorization: list[str]) -> Secret[str]:
    scheme, _, token = authorization[0].partition(" ")
    if len(authorization) > 1 or scheme.lower() != "bearer" or not token.strip():
        raise refused("send one header `Authorization: Bearer <session or API token>`")
    return Secret(token.strip())


def same_site(origin: str, fields: Fields) -> bool:
    """Whether the page came from the host that it calls. The scheme is left out: a proxy that ends TLS
    hides it."""
    return origin.partition("://")[2] == fields.first.get("host")
