"""API tokens: listed, created (the text is shown once), revoked."""

from __future__ import annotations

import time
from collections.abc import Mapping

from starlette.responses import RedirectResponse, Response

from sealgate.errors import DocumentInvalid
from sealgate.services.tokens import create_token, delete_token, list_tokens
from sealgate.web.studio.sections.access.section import EVERYONE, SCOPE_LINES, section, tabs
from sealgate.web.studio.sections.connector_names import all_names, offered_names
from sealgate.web.studio.visit import Visit

DAY = 86400
ON_A_DATE = "date"
NEVER = "never"
EXPIRIES = (
    ("7", "in 7 days"),
    ("30", "in 30 days"),
    ("90", "in 90 days"),
    ("365", "in a year"),
    (ON_A_DATE, "at the end of a day …"),
    (NEVER, "never"),
)
USUAL_EXPIRY = "90"
NONE_CHOSEN = ("",)
"""Refused, where an empty list would be a token without a limit: the opposite of what was asked for."""
SOON = 7 * DAY
"""A token that expires within this time is marked."""


@section.get("/access", scopes=EVERYONE)
async def list_(visit: Visit) -> Response:
    """Every token; who may not manage them sees oneself instead."""
    if not visit.may("admin"):
        return RedirectResponse(visit.url("/access/you"), 303)
    return visit.page(
        "access/tokens.html",
        tabs=tabs(visit),
        tokens=[shown.stored for shown in await list_tokens(visit.engine, visit.tenant)][::-1],
        now=time.time(),
        soon=time.time() + SOON,
        scope_names=tuple(SCOPE_LINES),
    )


@section.get("/access/tokens/new", scopes=("admin",))
async def new(visit: Visit) -> Response:
    return await _form(visit, {})


@section.post("/access/tokens", scopes=("admin",))
async def create(visit: Visit) -> Response:
    """Answers with the one page that ever shows the token."""
    form = visit.form
    limited = form.get("limited") == "true"
    try:
        created = await create_token(
            visit.engine,
            visit.tenant,
            name=form.get("name").strip(),
            scopes=form.all("scope"),
            permalinks=(form.all("permalink") or NONE_CHOSEN) if limited else (),
            origins=[row["origin"].strip() for row in form.rows("origins")],
            expires_at=_expiry(visit),
            actor=visit.actor,
        )
    except DocumentInvalid as error:
        return await _form(visit, visit.faults(error), status=422)
    return visit.page(
        "access/token_created.html",
        token=created.stored,
        text=created.text.reveal(),
        scope_names=tuple(SCOPE_LINES),
    )


@section.post("/access/tokens/{id}/revoke", scopes=("admin",))
async def revoke(visit: Visit) -> Response:
    await delete_token(visit.engine, visit.tenant, visit.path["id"], actor=visit.actor)
    return visit.redirect(visit.url("/access"), toast="Token revoked")


def _expiry(visit: Visit) -> str | float | None:
    """As the service wants it."""
    chosen = visit.form.get("expires", USUAL_EXPIRY)
    if chosen == NEVER:
        return None
    if chosen == ON_A_DATE:
        return f"{visit.form.get('expires_on')}T23:59:59Z"
    return time.time() + int(chosen) * DAY if chosen.isdecimal() else chosen


async def _form(visit: Visit, faults: Mapping[str, str], *, status: int = 200) -> Response:
    chosen = set(visit.form.all("permalink"))
    offered, offered_of = offered_names(visit)
    return visit.page(
        "access/new_token.html",
        status=status,
        given=visit.form,
        scopes=SCOPE_LINES,
        expiries=EXPIRIES,
        usual_expiry=USUAL_EXPIRY,
        offered=[each for each in offered if each[0] not in chosen],
        offered_of=offered_of,
        chosen=[each for each in all_names(visit) if each[0] in chosen],
        faults=faults,
        day_fault=_day_fault(visit, faults),
        scope_fault=_first_below(faults, "scopes"),
        permalink_fault="choose at least one connector" if _first_below(faults, "permalinks") else None,
        origin_faults={
            f"{path.removeprefix('origins.')}.origin": message
            for path, message in faults.items()
            if path.startswith("origins.")
        },
    )


def _day_fault(visit: Visit, faults: Mapping[str, str]) -> str | None:
    """What is wrong with the expiry, where it is a day's fault: none was chosen, or one that has passed."""
    if visit.form.get("expires") != ON_A_DATE or "expires_at" not in faults:
        return None
    return faults["expires_at"] if visit.form.get("expires_on") else "choose the day"


def _first_below(faults: Mapping[str, str], field: str) -> str | None:
    """The message of a field, or of one of its members."""
    return next((text for path, text in faults.items() if path.partition(".")[0] == field), None)
