"""Connectors from an OpenAPI document: its operations are listed, the picked ones created together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding
from sealgate.importing.openapi import Operation, Specification, described_schemes
from sealgate.services.imports import CheckedProposal, propose_operations, read_openapi, save_proposals
from sealgate.web.studio.section import Section
from sealgate.web.studio.sections.finishing import missing_secrets, open_created
from sealgate.web.studio.visit import Visit

WRITE = ("write",)
section = Section(None, "/start/openapi", scopes=WRITE)
UNTAGGED = "Other"
NOTHING: dict[str, Any] = {"specification": None, "error": None}


@section.get("/start/openapi", scopes=WRITE)
async def show(visit: Visit) -> Response:
    return visit.page("start/openapi.html", text="", **NOTHING)


@section.post("/start/openapi/operations", scopes=WRITE)
async def list_operations(visit: Visit) -> Response:
    text = visit.form.get("document")
    context = NOTHING
    if text.strip():
        try:
            context = _listed(await read_openapi(text))
        except DocumentInvalid as error:
            context = {**NOTHING, "error": error}
    if visit.partial:
        return visit.fragment("start/operations.html", **context)
    return visit.page("start/openapi.html", text=text, **context)


@section.post("/start/openapi", scopes=WRITE)
async def create(visit: Visit) -> Response:
    text = visit.form.get("document")
    try:
        specification = await read_openapi(text)
    except DocumentInvalid as error:
        return _refused(visit, text, error)
    try:
        created = await _created(visit, specification)
    except DocumentInvalid as error:
        return _refused(visit, text, error, specification)
    if len(created) == 1:
        return open_created(visit, created[0])
    context: dict[str, Any] = {
        "created": created,
        "missing": missing_secrets(created),
        "title": specification.title,
    }
    if visit.partial:
        toast = f"{len(created)} connectors created"
        response = visit.fragment("start/created.html", toast=toast, **context)
        response.headers["hx-retarget"] = "#operations"
        return response
    return visit.page("start/created_page.html", **context)


async def _created(visit: Visit, specification: Specification) -> list[CheckedProposal]:
    """Raises DocumentInvalid with every fault."""
    picks = visit.form.all("operations")
    if not picks:
        message = "pick at least one operation"
        raise DocumentInvalid(message, fields=[Finding("operations", message)])
    base_url = visit.form.get("base_url").strip() or None
    proposals = await propose_operations(visit.engine, visit.tenant, specification, picks, base_url=base_url)
    return await save_proposals(visit.engine, visit.tenant, proposals, actor=visit.actor)


def _refused(
    visit: Visit, text: str, error: DocumentInvalid, specification: Specification | None = None
) -> Response:
    if visit.partial:
        return visit.fragment("start/faults.html", status=422, error=error)
    context = _listed(specification) if specification else NOTHING
    return visit.page("start/openapi.html", status=422, text=text, **{**context, "error": error})


def _listed(specification: Specification) -> dict[str, Any]:
    operations = specification.operations()
    return {
        "specification": specification,
        "error": None,
        "groups": _grouped(operations),
        "count": len(operations),
        "schemes": list(described_schemes(specification)),
        "servers": specification.servers(),
    }


def _grouped(operations: Sequence[Operation]) -> dict[str, list[Operation]]:
    """Under the first tag of each, so that none is listed twice."""
    groups: dict[str, list[Operation]] = {}
    for operation in operations:
        groups.setdefault(operation.tags[0] if operation.tags else UNTAGGED, []).append(operation)
    return groups
