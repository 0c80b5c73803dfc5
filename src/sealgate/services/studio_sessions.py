"""Signing in to Studio: one-time links, API tokens, and the sessions that come of them.

A session belongs to one tenant and has scopes, like an API token. It ends `IDLE` seconds after it was last
seen, and `LONGEST` seconds after it began.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sealgate.errors import AuthenticationRequired, DocumentInvalid, Forbidden
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.host import UrlProblem, parse_origin
from sealgate.message import Origin
from sealgate.secret import Secret
from sealgate.services.moments import timestamp
from sealgate.settings import Settings
from sealgate.stores.ports import SCOPES
from sealgate.stores.studio_ports import LoginLink, StudioSession

IDLE = 8 * 3600.0
LONGEST = 7 * 24 * 3600.0
LINK_SECONDS = 15 * 60
"""How long a link may wait to be used, unless who makes it says otherwise."""
LONGEST_LINK = 7 * 24 * 3600
STUDIO_SCOPES = ("read", "write", "secrets", "admin")
MAX_NAME = 255
BOOTSTRAP_NAME = "admin-token"
"""Who is on record when SEALGATE_ADMIN_TOKEN signed in; nobody else has this name."""
MAX_USER_AGENT = 300


@dataclass(frozen=True, slots=True)
class NewLoginLink:
    """A link that was just made: the one moment at which its text is known."""

    url: Secret[str] = field(repr=False)
    tenant: str
    name: str
    scopes: tuple[str, ...]
    expires_at: float

    def as_json(self) -> dict[str, Any]:
        return {
            "url": self.url.reveal(),
            "tenant": self.tenant,
            "name": self.name,
            "scopes": list(self.scopes),
            "expires_at": timestamp(self.expires_at),
        }


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that was just begun; `text` is what its cookie holds."""

    stored: StudioSession
    text: Secret[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownSession:
    stored: StudioSession

    def as_json(self) -> dict[str, Any]:
        stored = self.stored
        return {
            "id": stored.id,
            "name": stored.name,
            "scopes": [scope for scope in SCOPES if scope in stored.scopes],
            "user_agent": stored.user_agent,
            "created_at": timestamp(stored.created_at),
            "seen_at": timestamp(stored.seen_at),
            "expires_at": timestamp(stored.expires_at),
        }


def way_in(session: StudioSession) -> str:
    """With what a session was begun, in words."""
    if session.api_token is not None:
        return f"the API token {session.name}"
    return "SEALGATE_ADMIN_TOKEN" if session.name == BOOTSTRAP_NAME else "a login link"


def studio_origin(settings: Settings) -> Origin | None:
    """The origin of SEALGATE_STUDIO_ORIGIN. Raises DocumentInvalid."""
    if settings.studio_origin is None:
        return None
    try:
        return parse_origin(settings.studio_origin)
    except UrlProblem as problem:
        raise DocumentInvalid(
            str(problem), fields=[Finding("SEALGATE_STUDIO_ORIGIN", str(problem))]
        ) from None


async def create_login_link(
    engine: Engine,
    tenant: str,
    *,
    name: str,
    scopes: Sequence[str] = STUDIO_SCOPES,
    seconds: float = LINK_SECONDS,
    actor: str,
) -> NewLoginLink:
    """A link that signs one browser in, once, within `seconds`. Raises DocumentInvalid with every fault."""
    faults = [*_name_faults(name), *_scope_faults(scopes), *_seconds_faults(seconds)]
    if faults:
        raise DocumentInvalid("the link was not made", fields=faults)
    expires_at = time.time() + seconds
    token = await engine.store.create_login_link(
        tenant, name, frozenset(scopes), expires_at=expires_at, actor=actor
    )
    url = Secret(f"{_origin_of_links(engine.settings)}/login?token={token.reveal()}")
    return NewLoginLink(url, tenant, name, tuple(scopes), expires_at)


async def list_login_links(engine: Engine, tenant: str) -> Sequence[LoginLink]:
    """Links that wait to be used, the newest first."""
    return await engine.store.list_login_links(tenant)


async def delete_login_link(engine: Engine, tenant: str, id: str) -> None:
    """The link signs nobody in from now on. Raises NotFound."""
    await engine.store.delete_login_link(tenant, id)


async def sign_in_with_link(engine: Engine, token: Secret[str], *, user_agent: str) -> NewSession:
    """Use a link up. Raises AuthenticationRequired when it is unknown, used or expired."""
    found = await engine.store.use_login_link(token)
    if found is None:
        raise AuthenticationRequired(
            "this link was used already, or has expired", hint="make a new one with `sealgate login-link`"
        )
    tenant, name, scopes = found
    return await _begin(engine, tenant, name, scopes, user_agent)


async def sign_in_with_token(
    engine: Engine, tenant: str, token: Secret[str], *, user_agent: str
) -> NewSession:
    """Begin a session with an API token that has the scope `admin`, or with the bootstrap token; it ends
    when the token does. Raises AuthenticationRequired, Forbidden."""
    bootstrap = engine.settings.admin_token
    if bootstrap and hmac.compare_digest(_bytes(token.reveal()), _bytes(bootstrap.get_secret_value())):
        return await _begin(engine, tenant, BOOTSTRAP_NAME, frozenset(STUDIO_SCOPES), user_agent)
    found = await engine.store.find_api_token(token)
    if found is None or (found[1].expires_at is not None and found[1].expires_at <= time.time()):
        raise AuthenticationRequired("this token is unknown, revoked or expired")
    owner, stored = found
    if owner != tenant:
        raise Forbidden("this token belongs to another tenant")
    if "admin" not in stored.scopes:
        raise Forbidden("only a token with the scope `admin` signs in to Studio")
    if stored.permalinks or stored.origins:
        raise Forbidden("a token that is limited to connectors or origins does not sign in to Studio")
    return await _begin(
        engine, tenant, stored.name, stored.scopes, user_agent, stored.expires_at, api_token=stored.id
    )


async def find_session(engine: Engine, text: Secret[str]) -> StudioSession | None:
    """The session of a cookie's text, unless it has ended; it counts as seen now."""
    return await engine.store.find_studio_session(text, idle=IDLE)


async def list_sessions(engine: Engine, tenant: str) -> Sequence[ShownSession]:
    """Who is signed in, the last seen first."""
    return [ShownSession(stored) for stored in await engine.store.list_studio_sessions(tenant, idle=IDLE)]


async def end_session(engine: Engine, tenant: str, id: str) -> None:
    """Sign a browser out. Raises NotFound."""
    await engine.store.delete_studio_session(tenant, id)


async def end_other_sessions(engine: Engine, tenant: str, kept: str) -> int:
    """Sign every browser out but the one of the session `kept`. Returns how many there were."""
    return await engine.store.delete_other_studio_sessions(tenant, kept)


async def _begin(
    engine: Engine,
    tenant: str,
    name: str,
    scopes: frozenset[str],
    user_agent: str,
    not_after: float | None = None,
    *,
    api_token: str | None = None,
) -> NewSession:
    expires_at = time.time() + LONGEST
    stored, text = await engine.store.create_studio_session(
        tenant,
        name,
        scopes,
        user_agent=user_agent[:MAX_USER_AGENT],
        expires_at=expires_at if not_after is None else min(expires_at, not_after),
        api_token=api_token,
    )
    return NewSession(stored, text)


def _origin_of_links(settings: Settings) -> str:
    """Where a browser finds Studio: an address that stands for every interface is no place to go to."""
    origin = studio_origin(settings)
    if origin is not None:
        return str(origin)
    host, _, port = settings.admin_listen.rpartition(":")
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{port}"  # noqa: S104


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _name_faults(name: str) -> Iterator[Finding]:
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        yield Finding("name", f"must say who signs in, in at most {MAX_NAME} printable characters")
    if name.strip() == BOOTSTRAP_NAME:
        yield Finding("name", f"{BOOTSTRAP_NAME} means SEALGATE_ADMIN_TOKEN; write another name")


def _scope_faults(scopes: Sequence[str]) -> Iterator[Finding]:
    if not scopes:
        yield Finding("scopes", f"at least one of {', '.join(STUDIO_SCOPES)} is needed")
    for index, scope in enumerate(scopes):
        if scope not in STUDIO_SCOPES:
            yield Finding(
                f"scopes.{index}", f"{scope!r} is no scope of Studio; write one of {', '.join(STUDIO_SCOPES)}"
            )


def _seconds_faults(seconds: float) -> Iterator[Finding]:
    if not 0 < seconds <= LONGEST_LINK:
        yield Finding("expires", "a link can wait for at least one second and at most 7d")
