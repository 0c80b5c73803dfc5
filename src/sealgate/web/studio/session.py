"""The session cookie, and who a request comes from."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from sealgate.execution.engine import Engine
from sealgate.secret import Secret
from sealgate.services.studio_sessions import LONGEST, find_session, studio_origin
from sealgate.stores.studio_ports import StudioSession
from sealgate.web.headers import cookie, decode


def _is_secure(request: Request) -> bool:
    """Whether browsers come by https, here or at the proxy."""
    origin = studio_origin(request.app.state.engine.settings)
    return request.url.scheme == "https" or (origin is not None and origin.scheme == "https")


def cookie_name(request: Request) -> str:
    """Browsers keep one jar for all ports of a host: two Sealgates on one machine must not share a name."""
    if _is_secure(request):
        return "__Host-sealgate-studio"
    return f"sealgate-studio-{request.app.state.engine.settings.admin_listen.rpartition(':')[2]}"


def session_text(request: Request) -> Secret[str] | None:
    """What the session cookie holds."""
    text = cookie(decode(request.scope["headers"]), cookie_name(request))
    return Secret(text) if text else None


async def session_of(request: Request) -> tuple[StudioSession, Secret[str]] | None:
    """The session that a request belongs to, and its cookie's text."""
    engine: Engine = request.app.state.engine
    text = session_text(request)
    session = await find_session(engine, text) if text else None
    return (session, text) if session and text else None


def set_cookie(request: Request, response: Response, text: Secret[str]) -> None:
    response.set_cookie(
        cookie_name(request),
        text.reveal(),
        max_age=int(LONGEST),
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="strict",
    )


def clear_cookie(request: Request, response: Response) -> None:
    response.delete_cookie(
        cookie_name(request), path="/", secure=_is_secure(request), httponly=True, samesite="strict"
    )
