"""Test Connection: beside the editor for a document that is not saved, and on a page for a stored one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sealgate.errors import DocumentInvalid
from sealgate.services.connectors import get_connector
from sealgate.stores.ports import StoredConnector
from sealgate.web.studio.explained.words import ERRORS
from sealgate.web.studio.section import Section
from sealgate.web.studio.sections.trial_form import TrialForm
from sealgate.web.studio.visit import Visit

section = Section(None, "/connectors", scopes=("write",))


@section.get("/connectors/{permalink}/test", scopes=("write",))
async def page(visit: Visit) -> Response:
    stored = await _stored(visit)
    return visit.page("trial/page.html", connector=stored, trial=TrialForm.of(stored.document, visit.query))


@section.post("/connectors/{permalink}/test", scopes=("write",))
async def run_stored(visit: Visit) -> Response:
    stored = await _stored(visit)
    trial = TrialForm.of(stored.document, visit.form)
    status, context = await _outcome(visit, stored.permalink, trial)
    if visit.partial:
        fields = visit.url("/connectors", stored.permalink)
        return visit.fragment("trial/result.html", status=status, field_page=fields, **context)
    return visit.page("trial/page.html", status=status, connector=stored, trial=trial, **context)


async def _outcome(
    visit: Visit, target: Mapping[str, Any] | str, trial: TrialForm
) -> tuple[int, dict[str, Any]]:
    """The status of the page and what `trial/result.html` shows: a run that failed is a result like any
    other, a document or an input that cannot be run is not."""
    try:
        result = await visit.engine.test(visit.tenant, target, trial.request())
    except DocumentInvalid as error:
        return error.status, {"result": None, "faults": error.fields, "problem": error.detail}
    return 200, {"result": result, "faults": (), "problem": None}


async def _stored(visit: Visit) -> StoredConnector:
    return (await get_connector(visit.engine, visit.tenant, visit.path["permalink"])).stored


@section.get("/help/errors", scopes=("read",))
async def error_help(visit: Visit) -> Response:
    return visit.page("explained/errors.html", errors=ERRORS)
