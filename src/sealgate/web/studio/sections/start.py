"""The ways to a first connector, and the one that begins with an example."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from sealgate.errors import DocumentInvalid
from sealgate.importing.example_files import Example, examples
from sealgate.model.composite import is_composite
from sealgate.secret import Secret
from sealgate.services.examples import Filling, find_example, known_secrets, propose_example
from sealgate.services.imports import save_proposals
from sealgate.web.studio.section import Section
from sealgate.web.studio.sections.connectors import COMPOSITE, LABELS
from sealgate.web.studio.sections.finishing import open_created, require_to_store
from sealgate.web.studio.visit import Visit

WRITE = ("write",)
section = Section(None, "/start", scopes=WRITE)


@section.get("/start", scopes=WRITE)
async def ways(visit: Visit) -> Response:
    return visit.page("start/index.html")


@section.get("/start/example", scopes=WRITE)
async def list_examples(visit: Visit) -> Response:
    return visit.page("start/examples.html", examples=[(each, _kind(each)) for each in examples()])


@section.get("/start/example/{name}", scopes=WRITE)
async def show_example(visit: Visit) -> Response:
    return visit.page("start/example.html", **_form(visit, find_example(visit.path["name"])))


@section.post("/start/example/{name}", scopes=WRITE)
async def use_example(visit: Visit) -> Response:
    """The values are in no answer, not even in one that says what is wrong with them."""
    example = find_example(visit.path["name"])
    form = visit.form
    filling = Filling(
        name=form.get("name").strip() or None,
        origins={
            placeholder: form.get(f"origin.{index}").strip() or placeholder
            for index, placeholder in enumerate(example.placeholders)
        },
        values={
            name: Secret(form.get(f"secret.{name}")) for name in example.secrets if form.get(f"secret.{name}")
        },
    )
    try:
        proposed = await propose_example(visit.engine, visit.tenant, example, filling)
        require_to_store(visit, [proposed])
        (created,) = await save_proposals(visit.engine, visit.tenant, [proposed], actor=visit.actor)
    except DocumentInvalid as error:
        if visit.partial:
            return visit.fragment("start/faults.html", status=422, error=error)
        return visit.page("start/example.html", status=422, **_form(visit, example, error))
    return open_created(visit, created)


def _form(visit: Visit, example: Example, error: DocumentInvalid | None = None) -> dict[str, Any]:
    """What was written stays, except for secrets."""
    known = known_secrets(visit.engine, visit.tenant, example)
    return {
        "example": example,
        "kind": _kind(example),
        "name": visit.form.get("name", example.connector["name"]),
        "origins": [
            (index, visit.form.get(f"origin.{index}", placeholder))
            for index, placeholder in enumerate(example.placeholders)
        ],
        "wanted": {name: advice for name, advice in example.secrets.items() if name not in known},
        "known": sorted(known),
        "text": json.dumps(example.connector, indent=2, ensure_ascii=False),
        "error": error,
    }


def _kind(example: Example) -> str:
    """Its authentication type, in words."""
    document = example.connector
    kind = COMPOSITE if is_composite(document) else document["authentication"]["type"]
    return "Composite" if kind == COMPOSITE else LABELS[kind]
