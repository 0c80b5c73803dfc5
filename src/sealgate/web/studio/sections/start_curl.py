"""A connector from a pasted curl command: shown while one types, then created with its secrets."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from sealgate.errors import DocumentInvalid
from sealgate.services.imports import CheckedProposal, propose_curl, save_proposals
from sealgate.web.studio.section import Section
from sealgate.web.studio.sections.connectors import LABELS
from sealgate.web.studio.sections.finishing import open_created, require_to_store
from sealgate.web.studio.visit import Visit

WRITE = ("write",)
section = Section(None, "/start/curl", scopes=WRITE)


@section.get("/start/curl", scopes=WRITE)
async def show(visit: Visit) -> Response:
    return visit.page("start/curl.html", name="", **_nothing())


@section.post("/start/curl/preview", scopes=WRITE)
async def preview(visit: Visit) -> Response:
    """What the command says so far. A half-typed one is no failure."""
    if not visit.form.get("command").strip():
        return visit.fragment("start/proposal.html", **_nothing())
    try:
        proposed = await _propose(visit)
    except DocumentInvalid as error:
        return visit.fragment("start/proposal.html", **_nothing(error))
    return visit.fragment("start/proposal.html", **_shown(proposed))


@section.post("/start/curl", scopes=WRITE)
async def create(visit: Visit) -> Response:
    """The command is in no answer: it may hold credentials."""
    try:
        proposed = await _propose(visit)
        require_to_store(visit, [proposed])
        (created,) = await save_proposals(visit.engine, visit.tenant, [proposed], actor=visit.actor)
    except DocumentInvalid as error:
        if visit.partial:
            return visit.fragment("start/proposal.html", status=422, **_nothing(error))
        return visit.page("start/curl.html", status=422, name=visit.form.get("name"), **_nothing(error))
    return open_created(visit, created)


async def _propose(visit: Visit) -> CheckedProposal:
    name = visit.form.get("name").strip()[:255] or None
    return await propose_curl(visit.engine, visit.tenant, visit.form.get("command"), name=name)


def _nothing(error: DocumentInvalid | None = None) -> dict[str, Any]:
    return {"proposed": None, "error": error}


def _shown(proposed: CheckedProposal) -> dict[str, Any]:
    document = proposed.proposal.document
    return {
        "proposed": proposed,
        "error": None,
        "document": document,
        "authentication": _authentication_words(document),
        "text": json.dumps(document, indent=2, ensure_ascii=False),
    }


def _authentication_words(document: dict[str, Any]) -> str:
    authentication = document.get("authentication", {"type": "none", "config": {}})
    kind, config = authentication["type"], authentication.get("config", {})
    if kind == "api_key":
        place = "query parameter" if config["in"] == "query" else "header"
        return f"API key in the {place} {config['key']}"
    return f"{LABELS[kind]}, token from {config['token_url']}" if "token_url" in config else LABELS[kind]
