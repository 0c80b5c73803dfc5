"""Who is signed in to Studio, and links that let others sign in."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sealgate.errors import DocumentInvalid
from sealgate.services.studio_sessions import (
    LINK_SECONDS,
    STUDIO_SCOPES,
    create_login_link,
    delete_login_link,
    end_other_sessions,
    end_session,
    list_login_links,
    list_sessions,
    way_in,
)
from sealgate.web.studio.browsers import browser_of
from sealgate.web.studio.sections.access.section import SCOPE_LINES, section, tabs
from sealgate.web.studio.visit import Visit

WAITS = (
    (str(LINK_SECONDS), "15 minutes"),
    ("3600", "an hour"),
    ("86400", "a day"),
    ("604800", "7 days"),
)
"""For how long a link may wait, in seconds."""


@section.get("/access/people", scopes=("admin",))
async def list_(visit: Visit) -> Response:
    sessions = [shown.stored for shown in await list_sessions(visit.engine, visit.tenant)]
    return visit.page(
        "access/people.html",
        tabs=tabs(visit),
        sessions=[(session, browser_of(session.user_agent), way_in(session)) for session in sessions],
        waiting=await list_login_links(visit.engine, visit.tenant),
        scope_names=STUDIO_SCOPES,
    )


@section.post("/access/sessions/{id}/end", scopes=("admin",))
async def end(visit: Visit) -> Response:
    await end_session(visit.engine, visit.tenant, visit.path["id"])
    return visit.redirect(visit.url("/access/people"), toast="Signed out")


@section.post("/access/sessions/end-others", scopes=("admin",))
async def end_others(visit: Visit) -> Response:
    ended = await end_other_sessions(visit.engine, visit.tenant, visit.session.id)
    words = f"{ended} session{'' if ended == 1 else 's'} signed out"
    return visit.redirect(visit.url("/access/people"), toast=words)


@section.get("/access/links/new", scopes=("admin",))
async def new_link(visit: Visit) -> Response:
    return _form(visit, {})


@section.post("/access/links", scopes=("admin",))
async def create_link(visit: Visit) -> Response:
    """Answers with the one page that ever shows the link."""
    seconds = visit.form.get("seconds", str(LINK_SECONDS))
    try:
        link = await create_login_link(
            visit.engine,
            visit.tenant,
            name=visit.form.get("name").strip(),
            scopes=visit.form.all("scope"),
            seconds=int(seconds) if seconds.isdecimal() else 0,
            actor=visit.actor,
        )
    except DocumentInvalid as error:
        return _form(visit, visit.faults(error), status=422)
    return visit.page("access/link_created.html", link=link, url=link.url.reveal())


@section.post("/access/links/{id}/withdraw", scopes=("admin",))
async def withdraw_link(visit: Visit) -> Response:
    await delete_login_link(visit.engine, visit.tenant, visit.path["id"])
    return visit.redirect(visit.url("/access/people"), toast="Link withdrawn")


def _form(visit: Visit, faults: Mapping[str, str], *, status: int = 200) -> Response:
    return visit.page(
        "access/new_link.html",
        status=status,
        given=visit.form,
        scopes={scope: SCOPE_LINES[scope] for scope in STUDIO_SCOPES},
        waits=WAITS,
        faults=faults,
        scope_fault=next((text for path, text in faults.items() if path.startswith("scopes")), None),
    )
