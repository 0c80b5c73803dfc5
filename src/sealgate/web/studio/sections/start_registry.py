"""A registry file, pasted or dropped, as a source: checked while one types, then applied whole or not at
all."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sealgate.errors import Conflict, DocumentInvalid, SealgateError
from sealgate.model.document import parse_json
from sealgate.registry.sync import SyncResult
from sealgate.services.sources import apply_registry, list_sources, preview_registry
from sealgate.web.studio.section import Section
from sealgate.web.studio.visit import Visit

WRITE = ("write",)
section = Section(None, "/start/registry", scopes=WRITE)
FIRST_NAME = "studio"


@section.get("/start/registry", scopes=WRITE)
async def show(visit: Visit) -> Response:
    return visit.page("start/registry.html", **await _form(visit), **_outcome())


@section.post("/start/registry/check", scopes=WRITE)
async def check(visit: Visit) -> Response:
    """What applying the file would do. A half-typed file is no failure."""
    source, text = _given(visit)
    if not text.strip():
        return visit.fragment("start/registry_outcome.html", **_outcome())
    try:
        result = await preview_registry(visit.engine, visit.tenant, source, parse_json(text))
    except (DocumentInvalid, Conflict) as error:
        return visit.fragment("start/registry_outcome.html", **_outcome(error=error))
    return visit.fragment("start/registry_outcome.html", **_outcome(result))


@section.post("/start/registry", scopes=WRITE)
async def apply(visit: Visit) -> Response:
    source, text = _given(visit)
    try:
        document = parse_json(text)
        result = await apply_registry(visit.engine, visit.tenant, source, document, actor=visit.actor)
    except (DocumentInvalid, Conflict) as error:
        if visit.partial:
            return visit.fragment("start/registry_outcome.html", status=422, **_outcome(error=error))
        return visit.page("start/registry.html", status=422, **await _form(visit), **_outcome(error=error))
    outcome = _outcome(result, applied=True)
    if visit.partial:
        toast = f"Applied as the source {source}"
        return visit.fragment("start/registry_outcome.html", toast=toast, **outcome)
    return visit.page("start/registry.html", **await _form(visit), **outcome)


def _given(visit: Visit) -> tuple[str, str]:
    return visit.form.get("source").strip(), visit.form.get("document")


async def _form(visit: Visit) -> dict[str, Any]:
    uploads = [
        shown.stored.name
        for shown in await list_sources(visit.engine, visit.tenant)
        if shown.stored.kind == "upload"
    ]
    return {
        "source": visit.form.get("source", FIRST_NAME),
        "text": visit.form.get("document"),
        "uploads": uploads,
    }


def _outcome(
    result: SyncResult | None = None, *, error: SealgateError | None = None, applied: bool = False
) -> dict[str, Any]:
    return {"result": result, "error": error, "applied": applied}
