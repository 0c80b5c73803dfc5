"""The page of the connector editor, and the part of it that a change of mode and a refused save renew."""

from __future__ import annotations

from typing import Any, get_args

from starlette.responses import Response

from sealgate.auth.catalog import TYPES
from sealgate.errors import DocumentInvalid
from sealgate.findings import Findings
from sealgate.model.connector import Method
from sealgate.services.connectors import get_connector, method_of
from sealgate.stores.ports import StoredConnector
from sealgate.web.studio.sections.editor_findings import FaultsAt, marked
from sealgate.web.studio.sections.editor_form import (
    CODE,
    FORM,
    EditorForm,
    form_from_document,
    unfolded_steps,
)
from sealgate.web.studio.sections.editor_members import Reading
from sealgate.web.studio.sections.trial_form import TrialForm
from sealgate.web.studio.visit import Visit


async def stored_connector(visit: Visit, permalink: str) -> StoredConnector:
    """Raises ConnectorNotFound."""
    return (await get_connector(visit.engine, visit.tenant, permalink)).stored


async def known_connector(visit: Visit) -> StoredConnector | None:
    """The stored connector that the posted editor is of; `None` for a new one."""
    known = visit.form.get("known")
    return await stored_connector(visit, known) if known else None


def mode_of(text: str) -> str:
    return CODE if text == CODE else FORM


async def show_page(
    visit: Visit, stored: StoredConnector | None, editor: EditorForm, *, status: int = 200, **more: Any
) -> Response:
    context = await editor_context(visit, stored, editor)
    return visit.page("editor/page.html", status=status, **{**context, **more})


async def show_body(
    visit: Visit, stored: StoredConnector | None, editor: EditorForm, *, status: int = 200, **more: Any
) -> Response:
    if not visit.partial:
        return await show_page(visit, stored, editor, status=status, **{**more, "unsaved": True})
    context = await editor_context(visit, stored, editor)
    return visit.fragment("editor/body.html", status=status, **{**context, **more})


async def show_refused(
    visit: Visit, stored: StoredConnector | None, reading: Reading, error: DocumentInvalid
) -> Response:
    """What was posted, with the faults at their places."""
    mode = visit.form.get("mode")
    unfolded = unfolded_steps(visit.form)
    editor = form_from_document(reading.document, mode=mode_of(mode), typed=reading.typed, unfolded=unfolded)
    found = marked(Findings(tuple(error.fields)), mode, visit.form.get("document"))
    show = show_body if visit.partial else show_page
    return await show(
        visit,
        stored,
        editor,
        status=422,
        faults=FaultsAt(visit.faults(error)),
        findings=found,
        attempted=True,
    )


async def editor_context(visit: Visit, stored: StoredConnector | None, editor: EditorForm) -> dict[str, Any]:
    """What the templates of `editor/` read."""
    names = await visit.engine.store.list_secrets(visit.tenant)
    revision = visit.form.get("revision") or (str(stored.revision) if stored else "")
    return {
        "title": stored.document["name"] if stored else "New connector",
        "stored": stored,
        "method": method_of(stored.document) if stored else "",
        "tab": "edit",
        "editor": editor,
        "revision": revision,
        "readonly": bool(stored and stored.source) or not visit.may("write"),
        "address_taken": False,
        "action": visit.url("/connectors", stored.permalink, "edit")
        if stored
        else visit.url("/connectors/new"),
        "methods": _methods,
        "types": list(TYPES.values()),
        "secrets": [info.name for info in names],
        "secret_faults": None,
        "faults": FaultsAt(),
        "findings": [],
        "findings_data": "[]",
        "places": [],
        "attempted": False,
        "unsaved": False,
        "moved": None,
        "preview": None,
        "preview_problem": None,
        "step_previews": (),
        "preview_who": TrialForm.of({}, visit.form).who,
    }


def _methods(shown: str) -> list[tuple[str, str]]:
    """For a select that shows a method which may be none."""
    return [(each, each) for each in dict.fromkeys((*get_args(Method), shown))]
