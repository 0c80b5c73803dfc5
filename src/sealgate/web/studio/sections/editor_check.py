"""What a connector's document is told while it is written: findings, the request that it would send, what
is not saved of it."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from sealgate.errors import SealgateError
from sealgate.findings import Findings
from sealgate.model.schema import registry_schema
from sealgate.services.preview import Preview, preview_request
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
    findings, preview, problem = _checked(visit, reading)
    found = marked(findings, mode, text)
    return visit.fragment(
        "editor/check.html",
        findings=found,
        findings_data=as_data(found),
        preview=preview,
        preview_problem=problem,
        preview_who=TrialForm.of({}, visit.form).who,
    )


def _checked(visit: Visit, reading: Reading) -> tuple[Findings, Preview | None, str | None]:
    """What a check says, and the request that would go out or why there is none."""
    if reading.faults:
        return Findings(reading.faults), None, None
    document = reading.document
    known = visit.form.get("known")
    checked = visit.engine.check(visit.tenant, document | ({"permalink": known} if known else {}))
    user = TrialForm.of({}, visit.form).user()
    try:
        preview = preview_request(visit.engine, visit.tenant, checked, user)
    except SealgateError as error:
        return checked.findings, None, error.detail or error.code
    if "steps" in document:
        return checked.findings, None, "A composite connector sends several requests: run it to see them."
    return checked.findings, preview, "Correct what is marked to see the request." if checked.faults else None
