"""Studio as one ASGI application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sealgate.caller import DEFAULT_TENANT
from sealgate.errors import SealgateError
from sealgate.execution.engine import Engine
from sealgate.web.admin.envelope import Envelope
from sealgate.web.studio.hosts import KnownHosts
from sealgate.web.studio.pages import Pages
from sealgate.web.studio.problems import answer_framework, answer_own, problem_page
from sealgate.web.studio.sections import SECTIONS
from sealgate.web.studio.signing_in import ROUTES
from sealgate.web.studio.statics import Statics

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not `no-referrer`: forms would then come with `Origin: null`.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


def create_app(engine: Engine) -> Starlette:
    """Studio over a started engine, whose owner stops it. Raises DocumentInvalid for its settings."""
    statics = Statics()
    routes = [
        Route("/", open_first, methods=["GET"]),
        *ROUTES,
        *(route for section in SECTIONS for route in section.routes(SECTIONS)),
    ]
    app = Starlette(
        routes=[statics.route, *routes, Mount("/t/{tenant}", routes=routes)],
        middleware=[
            Middleware(Envelope, engine=engine, security=SECURITY, answer=_unexpected),
            Middleware(KnownHosts, settings=engine.settings),
        ],
        exception_handlers={SealgateError: answer_own, HTTPException: answer_framework},
    )
    app.state.engine = engine
    app.state.pages = Pages(statics)
    return app


async def open_first(request: Request) -> Response:
    tenant = request.path_params.get("tenant", DEFAULT_TENANT)
    return RedirectResponse("/connectors" if tenant == DEFAULT_TENANT else f"/t/{tenant}/connectors", 303)


def _unexpected(error: SealgateError, request_id: str) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await problem_page(error, Request(scope))(scope, receive, send)

    return answer
