"""Signing in and out: `/login` and `/logout`.

Opening a link changes nothing, so that a preview of it in a chat or a browser that loads ahead does not
use it up; the button on the page that it opens does.
"""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sealgate.caller import DEFAULT_TENANT
from sealgate.errors import NotFound, SealgateError
from sealgate.execution.engine import Engine
from sealgate.secret import Secret
from sealgate.services.studio_sessions import (
    NewSession,
    end_session,
    sign_in_with_link,
    sign_in_with_token,
)
from sealgate.services.tenants import require_tenant
from sealgate.web.studio.csrf import csrf_token, require_csrf
from sealgate.web.studio.forms import Form, read_form
from sealgate.web.studio.hosts import require_same_origin
from sealgate.web.studio.respond import respond
from sealgate.web.studio.session import clear_cookie, session_of, set_cookie

OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
"""Where a sign-in may lead: a path of this origin."""


def sign_in_page(request: Request, *, problem: SealgateError | None = None, status: int = 401) -> Response:
    """Says how to sign in, in the place of a page that needs it."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    context = {
        "problem": problem,
        "tenant": _tenant(request),
        "action": _address(request, "/login"),
        "next": wanted if request.method == "GET" and not request.url.path.endswith("/login") else "",
    }
    return respond(request, "signing_in/sign_in.html", context, visit=None, status=status)


async def open_login(request: Request) -> Response:
    token = request.query_params.get("token")
    if not token:
        return sign_in_page(request, status=200)
    context = {"token": token, "action": _address(request, "/login")}
    return respond(request, "signing_in/link.html", context, visit=None)


async def log_in(request: Request) -> Response:
    require_same_origin(request)
    form = await read_form(request)
    try:
        session = await _new_session(request, form)
    except SealgateError as problem:
        return sign_in_page(request, problem=problem, status=problem.status)
    await _end_earlier(request)
    response = RedirectResponse(_destination(form, session), 303)
    set_cookie(request, response, session.text)
    return response


async def log_out(request: Request) -> Response:
    found = await session_of(request)
    if found:
        require_csrf(request, await read_form(request), csrf_token(request.app.state.engine, found[1]))
        await _end_earlier(request)
    response = RedirectResponse(_address(request, "/login"), 303)
    clear_cookie(request, response)
    return response


async def _new_session(request: Request, form: Form) -> NewSession:
    engine: Engine = request.app.state.engine
    user_agent = request.headers.get("user-agent", "")
    if token := form.get("token"):
        return await sign_in_with_link(engine, Secret(token.strip()), user_agent=user_agent)
    tenant = _tenant(request)
    return await sign_in_with_token(
        engine, tenant, Secret(form.get("api_token").strip()), user_agent=user_agent
    )


async def _end_earlier(request: Request) -> None:
    """One browser has one session."""
    found = await session_of(request)
    if found:
        try:
            await end_session(request.app.state.engine, found[0].tenant, found[0].id)
        except NotFound:
            return  # another of its requests was quicker


def _destination(form: Form, session: NewSession) -> str:
    base = "" if session.stored.tenant == DEFAULT_TENANT else f"/t/{session.stored.tenant}"
    wanted = form.get("next")
    fits = OWN_PATH.fullmatch(wanted) and wanted.startswith(f"{base}/")
    return wanted if fits else f"{base}/connectors"


def _tenant(request: Request) -> str:
    tenant: str = request.path_params.get("tenant", DEFAULT_TENANT)
    require_tenant(tenant)
    return tenant


def _address(request: Request, path: str) -> str:
    tenant = _tenant(request)
    return path if tenant == DEFAULT_TENANT else f"/t/{tenant}{path}"


ROUTES = [
    Route("/login", open_login, methods=["GET"]),
    Route("/login", log_in, methods=["POST"]),
    Route("/logout", log_out, methods=["POST"]),
]
