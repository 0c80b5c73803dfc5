"""The last executions: found by filters or by the id of a request, each with its explain; and for how long
the bodies of a connector's calls are kept with them."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.responses import Response

from sealgate.errors import ConnectorNotFound, DocumentInvalid, NotFound
from sealgate.execution.engine import Engine
from sealgate.services.captures import ShownCapture, capture_bodies, end_capture, get_capture
from sealgate.services.moments import timestamp
from sealgate.services.runs import ShownPage, get_run, list_runs, read_filter
from sealgate.stores.run_ports import OUTCOMES
from sealgate.web.studio.section import Section
from sealgate.web.studio.sections.doubted import doubted_secrets
from sealgate.web.studio.visit import Visit

section = Section("Runs", "/runs", key="r", icon="runs")

REQUEST_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
ASKED = ("connector", "status", "outcome", "code", "user", "request_id")
"""Filters that the service takes as they are written."""
FILTERS = (*ASKED, "last", "since", "until")
RARE = ("code", "user", "since", "until")
"""Filters that are folded away while they are not used."""
LAST = {"15m": ("Last 15 minutes", 900), "1h": ("Last hour", 3600), "24h": ("Last 24 hours", 86400)}
MINUTES = (5, 15, 60)
STATUSES = ("2xx", "4xx", "5xx", "401", "403", "404", "422", "429", "502", "504")
WITH_OFFSET = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$", re.IGNORECASE)


@section.get("/runs", scopes=("read",))
async def list_(visit: Visit) -> Response:
    """Runs that fit, the newest first, and what filters them."""
    given = {name: visit.query.get(name).strip() for name in FILTERS}
    cursor = visit.query.get("cursor") or None
    faults: Mapping[str, str] = {}
    shown = None
    try:
        shown = await _find(visit, given, cursor)
    except DocumentInvalid as error:
        faults = visit.faults(error)
    context: dict[str, Any] = {
        "runs": shown.page.runs if shown else (),
        "older": visit.url("/runs", **_set(given), cursor=str(shown.page.next))
        if shown and shown.page.next
        else None,
        "newest": visit.url("/runs", **_set(given)) if cursor else None,
        "given": given,
        "filtered": bool(_set(given)),
        "faults": faults,
    }
    status = 422 if faults else 200
    if visit.partial:
        return visit.fragment("runs/rows.html", status=status, **context)
    return visit.page(
        "runs/list.html",
        status=status,
        **context,
        **await _capture_of(visit, given["connector"]),
        statuses=STATUSES,
        outcomes=[(name, name.capitalize()) for name in OUTCOMES],
        spans=[(key, words) for key, (words, _) in LAST.items()],
        unfolded=any(given[name] for name in RARE),
        kept=visit.engine.settings.runs_kept,
    )


@section.get("/runs/open", scopes=("read",))
async def open_(visit: Visit) -> Response:
    """Go to the run of a request id, however it was pasted: with quotes, as a header, in a line of a log."""
    found = REQUEST_ID.search(visit.query.get("request_id"))
    if found is None:
        return visit.redirect(visit.url("/runs"), toast="There is no request id in that text", tone="bad")
    return visit.redirect(visit.url("/runs", found[0].lower()))


@section.get("/runs/{request_id}", scopes=("read",))
async def show(visit: Visit) -> Response:
    """One run, explained; or why there may be none."""
    request_id, settings = visit.path["request_id"], visit.engine.settings
    try:
        shown = await get_run(visit.engine, visit.tenant, request_id, with_bodies=visit.may("write"))
    except NotFound:
        return visit.page("runs/missing.html", status=404, request_id=request_id, kept=settings.runs_kept)
    run = shown.stored
    exists = run.head.permalink in visit.engine.tenant(visit.tenant).connectors
    return visit.page(
        "runs/show.html",
        head=run.head,
        bodies=run.bodies,
        bodies_kept=shown.bodies_kept,
        exists=exists,
        explained=run.explain,
        doubted=await doubted_secrets(visit, run.explain, run.head.status),
        way_back=f"/connectors/{run.head.permalink}/test" if exists else None,
    )


@section.get("/connectors/{permalink}/capture", scopes=("read",))
async def show_capture(visit: Visit) -> Response:
    """The switch alone, for pages that load it (`hx-get`)."""
    capture = await get_capture(visit.engine, visit.tenant, visit.path["permalink"])
    return visit.fragment("runs/capture.html", **_capture(visit.engine, capture))


@section.post("/connectors/{permalink}/capture", scopes=("write",))
async def begin_capture(visit: Visit) -> Response:
    permalink, minutes = visit.path["permalink"], visit.form.get("minutes")
    capture = await capture_bodies(
        visit.engine,
        visit.tenant,
        permalink,
        int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 4 else 0,
        actor=visit.actor,
    )
    return _captured(visit, capture, "Bodies are kept now")


@section.post("/connectors/{permalink}/capture/end", scopes=("write",))
async def stop_capture(visit: Visit) -> Response:
    permalink = visit.path["permalink"]
    with suppress(NotFound):  # it ended by itself meanwhile: that is what was wanted
        await end_capture(visit.engine, visit.tenant, permalink, actor=visit.actor)
    return _captured(visit, ShownCapture(permalink, None), "No more bodies are kept")


async def _find(visit: Visit, given: Mapping[str, str], cursor: str | None) -> ShownPage:
    """Raises DocumentInvalid."""
    wanted: dict[str, str | None] = {name: given[name] or None for name in ASKED}
    for name in ("since", "until"):
        wanted[name] = _utc(given[name]) if given[name] else None
    if given["last"] in LAST and not given["since"]:
        wanted["since"] = timestamp(time.time() - LAST[given["last"]][1], "milliseconds")
    return await list_runs(visit.engine, visit.tenant, read_filter(wanted), cursor=cursor)


def _utc(text: str) -> str:
    """What a date field holds, as the UTC that Studio shows everywhere."""
    return text if WITH_OFFSET.search(text) and "T" in text else f"{text}Z"


def _set(given: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if value}


async def _capture_of(visit: Visit, permalink: str) -> dict[str, Any]:
    """The switch, when runs of one connector that is there are looked at."""
    if not permalink:
        return {"capture": None}
    try:
        return _capture(visit.engine, await get_capture(visit.engine, visit.tenant, permalink))
    except ConnectorNotFound:
        return {"capture": None}


def _capture(engine: Engine, capture: ShownCapture) -> dict[str, Any]:
    return {"capture": capture, "minutes": MINUTES, "recorded": bool(engine.settings.runs_kept)}


def _captured(visit: Visit, capture: ShownCapture, words: str) -> Response:
    if visit.partial:
        return visit.fragment("runs/capture.html", toast=words, **_capture(visit.engine, capture))
    return visit.redirect(visit.url("/runs", connector=capture.permalink), toast=words)
