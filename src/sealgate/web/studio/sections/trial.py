"""Test Connection: beside the editor for a document that is not saved, and on a page for a stored one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.responses import Response

from sealgate.errors import DocumentInvalid, NotFound
from sealgate.services.connectors import get_connector
from sealgate.services.runs import get_run
from sealgate.stores.ports import StoredConnector
from sealgate.stores.run_ports import RecordedRun
from sealgate.web.studio.explained.words import ERRORS
from sealgate.web.studio.forms import Form
from sealgate.web.studio.section import Section
from sealgate.web.studio.sections.doubted import doubted_secrets
from sealgate.web.studio.sections.editor_form import document_from_form
from sealgate.web.studio.sections.trial_form import TrialForm
from sealgate.web.studio.sections.trial_of_run import form_of_run
from sealgate.web.studio.visit import Visit

section = Section(None, "/connectors", scopes=("write",))


@section.get("/connectors/{permalink}/test", scopes=("write",))
async def page(visit: Visit) -> Response:
    """The form is empty, or filled with the call that `run` names."""
    stored = await _stored(visit)
    called = await _called(visit, stored)
    form = form_of_run(stored.document, called) if called else visit.query
    return visit.page(
        "trial/page.html",
        connector=stored,
        trial=TrialForm.of(stored.document, form),
        called=called.head if called else None,
    )


@section.post("/connectors/{permalink}/test", scopes=("write",))
async def run_stored(visit: Visit) -> Response:
    stored = await _stored(visit)
    trial = TrialForm.of(stored.document, visit.form)
    status, context = await _outcome(visit, stored.permalink, trial)
    if visit.partial:
        fields = visit.url("/connectors", stored.permalink)
        return visit.fragment(
            "trial/result.html", status=status, field_page=fields, way_back=_test_page(stored), **context
        )
    return visit.page(
        "trial/page.html",
        status=status,
        connector=stored,
        trial=trial,
        way_back=_test_page(stored),
        **context,
    )


@section.post("/trial/form", scopes=("write",))
async def form_beside(visit: Visit) -> Response:
    """Test Connection for the document of the editor. What cannot be read of it yet asks for nothing."""
    try:
        document = document_from_form(visit.form)
    except DocumentInvalid:
        document = {}
    known = visit.query.get("known") or None
    return visit.fragment(
        "trial/beside.html",
        trial=TrialForm.of(document, Form()),
        known=known,
        remembered=known or "new connector",
    )


@section.post("/trial/inputs", scopes=("write",))
async def inputs_beside(visit: Visit) -> Response:
    """What the form asks for, after the document was edited."""
    try:
        document = document_from_form(visit.form)
    except DocumentInvalid:
        return Response(status_code=204)
    return visit.fragment("trial/inputs.html", trial=TrialForm.of(document, visit.form))


@section.post("/trial", scopes=("write",))
async def run_unsaved(visit: Visit) -> Response:
    try:
        document = document_from_form(visit.form)
    except DocumentInvalid as error:
        status, context = _refused(error)
    else:
        status, context = await _outcome(visit, document, TrialForm.of(document, visit.form))
    known = visit.query.get("known")
    way_back = f"/connectors/{known}/edit" if known else "/connectors/new"
    return visit.fragment("trial/result.html", status=status, way_back=way_back, **context)


def _test_page(stored: StoredConnector) -> str:
    return f"/connectors/{stored.permalink}/test"


async def _outcome(
    visit: Visit, target: Mapping[str, Any] | str, trial: TrialForm
) -> tuple[int, dict[str, Any]]:
    """The status of the page and what `trial/result.html` shows: a run that failed is a result like any
    other, a document or an input that cannot be run is not."""
    try:
        result = await visit.engine.test(visit.tenant, target, trial.request())
    except DocumentInvalid as error:
        return _refused(error)
    doubted = await doubted_secrets(visit, result.explain, result.status)
    return 200, {"trial_result": result, "faults": (), "problem": None, "doubted": doubted}


def _refused(error: DocumentInvalid) -> tuple[int, dict[str, Any]]:
    return error.status, {"trial_result": None, "faults": error.fields, "problem": error.detail}


async def _called(visit: Visit, stored: StoredConnector) -> RecordedRun | None:
    """The run of this connector that the address names, as long as it is kept."""
    request_id = visit.query.get("run")
    if not request_id or not visit.may("read"):
        return None
    with suppress(NotFound):
        run = (await get_run(visit.engine, visit.tenant, request_id, with_bodies=True)).stored
        return run if run.head.permalink == stored.permalink else None
    return None


async def _stored(visit: Visit) -> StoredConnector:
    return (await get_connector(visit.engine, visit.tenant, visit.path["permalink"])).stored


@section.get("/help/errors", scopes=("read",))
async def error_help(visit: Visit) -> Response:
    return visit.page("explained/errors.html", errors=ERRORS)
