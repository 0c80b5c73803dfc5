"""Under which names Studio answers, and which pages may send it forms.

A page of another site can make its own name resolve to 127.0.0.1 (DNS rebinding) and would then be of the
same origin as Studio. It cannot do that with an address: so addresses and `localhost` are always right, a
name only when the operator has written it in a setting.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sealgate.errors import Forbidden
from sealgate.services.studio_sessions import studio_origin
from sealgate.settings import Settings
from sealgate.web.headers import decode, values

REFUSED = (
    "Studio does not answer under this name. Open it by its address, or set SEALGATE_STUDIO_ORIGIN to the "
    "origin that browsers use, such as https://studio.example.com.\n"
)


class KnownHosts:
    """Refuses requests whose `Host` is a name that nobody has configured (RFC 9110 section 15.5.20)."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._names = {"localhost", settings.admin_listen.rpartition(":")[0].lower()}
        if origin := studio_origin(settings):
            self._names.add(origin.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            hosts = values(decode(scope["headers"]), "host")
            if len(hosts) != 1 or not self._knows(hosts[0]):
                await PlainTextResponse(REFUSED, 421)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _knows(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._names or _is_address(name)


def require_same_origin(request: Request) -> None:
    """Raises Forbidden unless the browser says that a page of Studio sent this."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is None and origin is None:
        raise Forbidden("the request does not say which page sent it (Origin); use a current browser")
    if site not in (None, "same-origin") or not _is_own(request, origin):
        raise Forbidden("a page of another site sent this request")


def _is_own(request: Request, origin: str | None) -> bool:
    """The scheme is left out: a proxy that ends TLS hides it."""
    if origin is None or origin.partition("://")[2] == request.headers["host"]:
        return True
    configured = studio_origin(request.app.state.engine.settings)
    return configured is not None and origin == str(configured)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
