"""A section of Studio: its place in the navigation and its routes, each with the scopes that it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sealgate.caller import DEFAULT_TENANT
from sealgate.errors import AuthenticationRequired, Forbidden
from sealgate.execution.engine import Engine
from sealgate.services.tenants import require_tenant
from sealgate.web.studio.csrf import csrf_token, require_csrf
from sealgate.web.studio.forms import read_form
from sealgate.web.studio.session import session_of
from sealgate.web.studio.visit import Visit

Handler = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class _Planned:
    method: str
    path: str
    scopes: tuple[str, ...]
    handler: Handler


class Section:
    """`name` is the word in the navigation (`None`: not there), `path` where it leads, `key` the letter that
    goes there after `g`, `icon` a name of `macros/icons.html`, `scopes` who sees it."""

    def __init__(
        self,
        name: str | None,
        path: str,
        *,
        key: str = "",
        icon: str = "",
        scopes: tuple[str, ...] = ("read",),
    ) -> None:
        self.name = name
        self.path = path
        self.key = key
        self.icon = icon
        self.scopes = scopes
        self._planned: list[_Planned] = []

    def get(self, path: str, *, scopes: tuple[str, ...]) -> Callable[[Handler], Handler]:
        """A route that changes nothing."""
        return self._route("GET", path, scopes)

    def post(self, path: str, *, scopes: tuple[str, ...]) -> Callable[[Handler], Handler]:
        """A route that may change something: only a page of the session reaches it."""
        return self._route("POST", path, scopes)

    def delete(self, path: str, *, scopes: tuple[str, ...]) -> Callable[[Handler], Handler]:
        return self._route("DELETE", path, scopes)

    def _route(self, method: str, path: str, scopes: tuple[str, ...]) -> Callable[[Handler], Handler]:
        def plan(handler: Handler) -> Handler:
            self._planned.append(_Planned(method, path, scopes, handler))
            return handler

        return plan

    def routes(self, sections: tuple[Section, ...]) -> list[Route]:
        """For the application that has all of `sections`."""
        return [
            Route(planned.path, self._endpoint(planned, sections), methods=[planned.method])
            for planned in self._planned
        ]

    def _endpoint(
        self, planned: _Planned, sections: tuple[Section, ...]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            visit = await self._visit(request, sections)
            request.state.visit = visit
            visit.require(*planned.scopes)
            return await planned.handler(visit)

        return endpoint

    async def _visit(self, request: Request, sections: tuple[Section, ...]) -> Visit:
        """Raises AuthenticationRequired, Forbidden, and what reading the form raises."""
        engine: Engine = request.app.state.engine
        found = await session_of(request)
        if found is None:
            raise AuthenticationRequired("you are not signed in")
        session, text = found
        tenant = request.path_params.get("tenant", DEFAULT_TENANT)
        require_tenant(tenant)
        if tenant != session.tenant:
            raise Forbidden(
                f"you are signed in to the tenant {session.tenant}, and this is {tenant}",
                hint=f"sign in with `sealgate login-link --tenant {tenant}`",
            )
        form = await read_form(request)
        csrf = csrf_token(engine, text)
        require_csrf(request, form, csrf)
        return Visit(request, engine, session, form, csrf, self, sections)
