"""Who may do what on the control plane (DESIGN section 8): deny by default, any veto wins."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from sealgate.caller import DEFAULT_TENANT
from sealgate.errors import AuthenticationRequired, Forbidden
from sealgate.execution.engine import Engine
from sealgate.secret import Secret
from sealgate.services.tenants import require_tenant
from sealgate.stores.ports import ApiToken
from sealgate.web.problems import CHALLENGE

BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="Bearer",
    description="An API token, or the bootstrap token of SEALGATE_ADMIN_TOKEN.",
)


@dataclass(frozen=True, slots=True)
class Admin:
    """An authenticated caller of the admin API in one tenant. `token` is `None` for the bootstrap
    token, which may do everything."""

    engine: Engine
    tenant: str
    token: ApiToken | None

    @property
    def actor(self) -> str:
        return f"token:{self.token.name}" if self.token else "admin-token"

    def may(self, *scopes: str) -> bool:
        """Whether the token has one of the scopes, or `admin`."""
        return self.token is None or bool(self.token.scopes & {*scopes, "admin"})

    def require_scope(self, *scopes: str) -> None:
        """Raises Forbidden unless `may`."""
        if not self.may(*scopes):
            needed = " or ".join(f"`{scope}`" for scope in scopes)
            raise Forbidden(f"this token does not have the scope {needed}", hint="create one that has it")

    def require_permalink(self, permalink: str | None) -> None:
        """Raises Forbidden when the token is limited to permalinks and this is none of them; `None` is
        what has no permalink."""
        if self.token and self.token.permalinks and permalink not in self.token.permalinks:
            raise Forbidden(f"this token is limited to the permalinks {', '.join(self.token.permalinks)}")


async def authenticated(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
) -> Admin:
    """The caller, from `Authorization: Bearer`. Raises AuthenticationRequired, Forbidden when the token
    is of another tenant or another origin, NotFound when no tenant can have that name."""
    engine: Engine = request.app.state.engine
    tenant = request.path_params.get("tenant", DEFAULT_TENANT)
    require_tenant(tenant)
    if credentials is None:
        raise AuthenticationRequired("send `Authorization: Bearer <token>`")
    text = Secret(credentials.credentials)
    bootstrap = engine.settings.admin_token
    if bootstrap and hmac.compare_digest(text.reveal().encode(), bootstrap.get_secret_value().encode()):
        return Admin(engine, tenant, None)
    found = await engine.store.find_api_token(text)
    if found is None or _expired(found[1]):
        headers = {"www-authenticate": f'{CHALLENGE}, error="invalid_token"'}
        raise AuthenticationRequired("this token is unknown, revoked or expired", headers=headers)
    owner, token = found
    if owner != tenant:
        raise Forbidden("this token belongs to another tenant")
    if token.origins and request.headers.get("origin") not in token.origins:
        raise Forbidden("this token is limited to pages of certain origins")
    return Admin(engine, tenant, token)


def _expired(token: ApiToken) -> bool:
    return token.expires_at is not None and token.expires_at <= time.time()


def allowed(*scopes: str) -> Any:
    """The dependency of a route: an authenticated caller with one of the scopes, within the limits of
    its token."""

    def permitted(request: Request, admin: Annotated[Admin, Depends(authenticated)]) -> Admin:
        admin.require_scope(*scopes)
        admin.require_permalink(request.path_params.get("permalink"))
        return admin

    return Depends(permitted)


def scoped(*scopes: str) -> Any:
    """As `allowed`, for a route whose permalink stands in the body: the route checks it itself."""

    def permitted(admin: Annotated[Admin, Depends(authenticated)]) -> Admin:
        admin.require_scope(*scopes)
        return admin

    return Depends(permitted)
