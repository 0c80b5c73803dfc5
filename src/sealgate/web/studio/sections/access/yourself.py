"""Who one is, as Studio knows it."""

from __future__ import annotations

from starlette.responses import Response

from sealgate.services.studio_sessions import way_in
from sealgate.web.studio.browsers import browser_of
from sealgate.web.studio.sections.access.section import EVERYONE, SCOPE_LINES, section, tabs
from sealgate.web.studio.visit import Visit


@section.get("/access/you", scopes=EVERYONE)
async def show(visit: Visit) -> Response:
    return visit.page(
        "access/you.html",
        tabs=tabs(visit),
        scopes=[(scope, line) for scope, line in SCOPE_LINES.items() if scope in visit.session.scopes],
        way_in=way_in(visit.session),
        browser=browser_of(visit.session.user_agent),
    )
