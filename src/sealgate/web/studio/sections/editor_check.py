"""What a connector's document is told while it is written: findings, the request that it would send, what
is not saved of it."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

from sealgate.errors import SealgateError
from sealgate.findings import Findings
from sealgate.model.composite import is_composite
from sealgate.model.schema import registry_schema
from sealgate.services.composite_preview import preview_steps
from sealgate.services.preview import preview_request
from sealgate.web.studio.section import Section
from sealgate.web.studio.sections.editor_conflict import compared
from sealgate.web.studio.sections.editor_findings import as_data, marked
from sealgate.web.studio.sections.editor_form import document_from_form, read_form
from sealgate.web.studio.sections.editor_members import Reading
from sealgate.web.studio.sections.editor_page import known_connector
from sealgate.web.studio.sections.trial_form import TrialForm
from sealgate.web.studio.visit import Visit

section = Section(None, "/connectors", scopes=("read",))


@section.get("/editor/schema", scopes=("read",))
async def schema(visit: Visit) -> Response:
    """What Code Mode proposes."""
    return JSONResponse(registry_schema())


@section.post("/editor/changes", scopes=("read",))
async def changes(visit: Visit) -> Response:
    """Saved and unsaved."""
    document, stored = document_from_form(visit.form), await known_connector(visit)
    return visit.fragment("editor/changes.html", **compared(stored.document if stored else {}, document))


@section.post("/editor/check", scopes=("read",))
async def check(visit: Visit) -> Response:
    reading = read_form(visit.form)
    mode, text = visit.form.get("mode"), visit.form.get("document")
    findings, previews = await _checked(visit, reading)
    found = marked(findings, mode, text)
    return visit.fragment(
        "editor/check.html",
        findings=found,
        findings_data=as_data(found),
        **previews,
        preview_who=TrialForm.of({}, visit.form).who,
    )


async def _checked(visit: Visit, reading: Reading) -> tuple[Findings, dict[str, Any]]:
    """What a check says, and what `editor/preview.html` shows: the request or requests that would go out, or
    why there is none."""
    if reading.faults:
        return Findings(reading.faults), {}
    document = reading.document
    known = visit.form.get("known")
    checked = visit.engine.check(visit.tenant, document | ({"permalink": known} if known else {}))
    trial = TrialForm.of(document, visit.form)
    shown: dict[str, Any] = {}
    try:
        if is_composite(document):
            steps = await preview_steps(visit.engine, visit.tenant, checked, trial.request())
            shown = {"step_previews": steps}
        else:
            shown = {"preview": preview_request(visit.engine, visit.tenant, checked, trial.user())}
    except SealgateError as error:
        shown = {"preview_problem": error.detail or error.code}
    if checked.faults:
        many = "requests" if is_composite(document) else "request"
        shown["preview_problem"] = f"Correct what is marked to see the {many}."
    return checked.findings, shown
