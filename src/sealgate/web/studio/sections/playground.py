"""Templates tried on sample data, beside the reference of what they can use. Nothing is stored."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from sealgate.errors import DocumentInvalid
from sealgate.model.document import parse_json
from sealgate.services.playground import FIELDS, Played, play
from sealgate.templates.reference import reference
from sealgate.web.admin.body import read_as
from sealgate.web.admin.documents.playground import PlaygroundBody
from sealgate.web.studio.section import Section
from sealgate.web.studio.visit import Visit

READ = ("read",)
section = Section("Templates", "/playground", key="p", icon="playground", scopes=READ)

KINDS = (
    ("url", "URL"),
    ("header", "Header"),
    ("query", "Query parameter"),
    ("authentication", "Authentication field"),
    ("request_body", "Request body"),
    ("response_body", "Response body"),
)
FIRST = {
    "url": "https://api.example.com/v1/people/{{ pathParams.id }}",
    "header": "Bearer {{ get_secret('api_key') }}",
    "query": "{{ user.email }}",
    "authentication": "{{ get_variable('client_id') }}",
    "request_body": '{"name": "{{ user.first_name }}", "order": {{ (body_text | from_json).order }}}',
    "response_body": "{% set order = response.body | from_json %}\n"
    '{"total": {{ order.total }}, "items": {{ order["items"] | map(attribute="name") | list | tojson }}}',
}
SAMPLE: dict[str, Any] = {
    "user": {"sub": "7", "email": "ada@example.com", "given_name": "Ada", "family_name": "King"},
    "variables": {"region": "eu", "client_id": "sealgate-demo"},
    "path_params": {"id": "42"},
    "body": {"order": {"sku": "A-1", "count": 2}},
    "response_status": 200,
    "response_headers": {"Content-Type": "application/json"},
    "response_body": {"total": 12.5, "items": [{"name": "Tea"}, {"name": "O'Brien's \"best\""}]},
}
OF_STEP = {
    "response_body": "{% set contact = steps.contact.body | from_json %}\n"
    '{"name": {{ contact.name | tojson }}, "orders": {{ (response.body | from_json).orders | length }}}',
}
"""What the fields of a step begin with, where it is not what a connector's do."""
STEP_SAMPLE: dict[str, Any] = {
    "user": SAMPLE["user"],
    "steps": {"contact": {"status_code": 200, "body": {"id": 12, "name": "Ada King"}}},
    "query": {"page": "1"},
    "body": {"note": "from the caller"},
    "response_body": {"orders": [{"sku": "A-1"}, {"sku": "B-2"}]},
}
TEXTS = ("body", "response_body")
"""Members of the sample that are texts, and may be written as the JSON that the text holds."""


@section.get("/playground", scopes=READ)
async def show(visit: Visit) -> Response:
    field, of_step = visit.query.get("field"), visit.query.get("of") == "step"
    field = field if field in FIELDS else "response_body"
    context: dict[str, Any] = {
        "field": field,
        "written": visit.query.get("template", {**FIRST, **(OF_STEP if of_step else {})}[field]),
        "sample": json.dumps(STEP_SAMPLE if of_step else SAMPLE, indent=2, ensure_ascii=False),
    }
    return visit.page("playground/page.html", **context, **_around(of_step), **await _tried(visit, **context))


@section.post("/playground", scopes=READ)
async def render(visit: Visit) -> Response:
    form = visit.form
    context: dict[str, Any] = {
        "field": form.get("field"),
        "written": form.get("template"),
        "sample": form.get("sample"),
    }
    tried = await _tried(visit, **context)
    if visit.partial:
        return visit.fragment("playground/output.html", **context, **tried)
    return visit.page("playground/page.html", **context, **_around('"steps"' in context["sample"]), **tried)


def _around(of_step: bool) -> dict[str, Any]:
    return {"of_step": of_step, "kinds": KINDS, "entries": list(reference()), "first": FIRST}


async def _tried(visit: Visit, field: str, written: str, sample: str) -> dict[str, Any]:
    """The output or what is in its way; `error` is what is wrong with the sample."""
    try:
        given = read_as(PlaygroundBody, {"field": field, "template": written, **_members(sample)})
    except DocumentInvalid as error:
        return {"played": None, "error": error, "places": (), "places_json": "[]", "lines": ()}
    place = FIELDS[given.field]
    played = await play(visit.tenant, written, place, given.sample())
    places = _places(played)
    return {
        "played": played,
        "error": None,
        "places": places,
        "places_json": json.dumps(places),
        "lines": written.splitlines(),
    }


def _members(sample: str) -> dict[str, Any]:
    """Raises DocumentInvalid."""
    if not sample.strip():
        return {}
    members = parse_json(sample)
    if not isinstance(members, dict) or {"field", "template"} & set(members):
        raise DocumentInvalid(
            "the sample is a JSON object with `user`, `variables`, `response_body` and so on"
        )
    if isinstance(steps := members.get("steps"), dict):
        members["steps"] = {name: _texts(step) for name, step in steps.items()}
    given: dict[str, Any] = _texts(members)
    return given


def _texts(members: Any) -> Any:
    """Bodies that are written as JSON, as the text of it."""
    if not isinstance(members, dict):
        return members
    return {
        name: json.dumps(value, ensure_ascii=False)
        if name in TEXTS and not isinstance(value, (str, type(None)))
        else value
        for name, value in members.items()
    }


def _places(played: Played) -> list[dict[str, Any]]:
    """What is wrong, with line and column, for the editor."""
    faults = [{**fault.as_json(), "severity": "error"} for fault in played.faults]
    warnings = [{**warning.as_json(), "severity": "warning"} for warning in played.warnings]
    if played.error:
        message = str(played.error["detail"])
        place = {name: played.error.get(name) for name in ("line", "column", "hint")}
        faults.append({"message": message, "severity": "error", **place})
    return [*faults, *warnings]
