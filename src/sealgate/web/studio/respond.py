"""A template as a response, with what every page needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sealgate.web.studio import flash
from sealgate.web.studio.pages import Pages

if TYPE_CHECKING:
    from sealgate.web.studio.visit import Visit

THEMES = ("light", "dark")
THEME_COOKIE = "sealgate-studio-theme"


def respond(
    request: Request, template: str, context: dict[str, Any], *, visit: Visit | None, status: int = 200
) -> Response:
    """`visit` is `None` for pages that need nobody to be signed in."""
    pages: Pages = request.app.state.pages
    theme = request.cookies.get(THEME_COOKIE)
    whole = visit is None or not visit.partial
    common = {
        "visit": visit,
        "csrf": visit.csrf if visit else "",
        "theme": theme if theme in THEMES else None,
        "toast": flash.take(request) if whole else None,
    }
    response = HTMLResponse(pages.render(template, {**common, **context}), status)
    if whole:
        flash.forget(request, response)
    return response
