"""The connector editor: form and Code Mode of one document, checked and previewed while it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from starlette.responses import JSONResponse, Response

from sealgate.auth.catalog import TYPES
from sealgate.errors import Conflict, ConnectorNotFound, DocumentInvalid, PreconditionFailed, SealgateError
from sealgate.findings import Findings
from sealgate.model.connector import Method
from sealgate.model.schema import registry_schema
from sealgate.secret import Secret
from sealgate.services.connectors import (
    create_connector,
    delete_connector,
    get_connector,
    method_of,
    put_connector,
)
from sealgate.services.preview import Preview, preview_request
from sealgate.services.secrets import put_secret
from sealgate.stores.ports import StoredConnector
from sealgate.web.studio.forms import Form
from sealgate.web.studio.section import Section
from sealgate.web.studio.sections.editor_conflict import compared, conflict_page, home
from sealgate.web.studio.sections.editor_findings import FaultsAt, as_data, marked
from sealgate.web.studio.sections.editor_form import (
    CODE,
    FORM,
    EditorForm,
    Reading,
    document_from_form,
    form_from_document,
    read_form,
)
from sealgate.web.studio.sections.trial_form import TrialForm
from sealgate.web.studio.visit import Visit

section = Section(None, "/connectors", scopes=("read",))

NEW: Mapping[str, Any] = {"name": "", "method": "GET", "url": ""}


@section.get("/connectors/new", scopes=("write",))
async def new(visit: Visit) -> Response:
    """An empty editor, or a copy of the connector that `from` names."""
    document: Mapping[str, Any] = NEW
    if origin := visit.query.get("from"):
        stored = await _stored(visit, origin)
        document = {name: value for name, value in stored.document.items() if name != "permalink"}
        document = {**document, "name": f"Copy of {document['name']}"[:255]}
    taken = await _is_stored(visit, "new")
    return await _page(visit, None, form_from_document(document), address_taken=taken)


@section.get("/connectors/{permalink}", scopes=("read",))
async def open_(visit: Visit) -> Response:
    stored = await _stored(visit, visit.path["permalink"])
    return await _page(visit, stored, form_from_document(stored.document))


@section.get("/connectors/{permalink}/edit", scopes=("read",))
async def open_edit(visit: Visit) -> Response:
    return await open_(visit)


@section.post("/connectors/new", scopes=("write",))
async def create(visit: Visit) -> Response:
    reading = read_form(visit.form)
    try:
        saved = await create_connector(visit.engine, visit.tenant, _whole(reading), actor=visit.actor)
    except DocumentInvalid as error:
        return await _refused(visit, None, reading, error)
    return visit.redirect(
        home(visit, saved.stored.permalink), toast=f"{saved.stored.document['name']} was created"
    )


@section.post("/connectors/{permalink}/edit", scopes=("write",))
async def save(visit: Visit) -> Response:
    stored = await _stored(visit, visit.path["permalink"])
    reading = read_form(visit.form)
    try:
        saved = await put_connector(
            visit.engine,
            visit.tenant,
            stored.permalink,
            _whole(reading),
            actor=visit.actor,
            if_revision=_revision(visit.form, stored),
        )
    except DocumentInvalid as error:
        return await _refused(visit, stored, reading, error)
    except PreconditionFailed:
        return await conflict_page(visit, stored.permalink, reading.document)
    return visit.redirect(home(visit, saved.stored.permalink), toast="Saved")


@section.post("/connectors/{permalink}/delete", scopes=("write",))
async def delete(visit: Visit) -> Response:
    permalink = visit.path["permalink"]
    revision = int(visit.form.get("revision"))
    await delete_connector(visit.engine, visit.tenant, permalink, actor=visit.actor, if_revision=revision)
    return visit.redirect(visit.url("/connectors"), toast=f"{permalink} was deleted")


@section.post("/editor/switch", scopes=("read",))
async def switch(visit: Visit) -> Response:
    """The same document in the other mode; what cannot be read stays in its own."""
    reading = read_form(visit.form)
    stored = await _known(visit)
    mode = visit.form.get("to", visit.form.get("mode"))
    if reading.faults:
        return await _refused(visit, stored, reading, DocumentInvalid("", fields=reading.faults))
    return await _body(
        visit, stored, form_from_document(reading.document, mode=CODE if mode == CODE else FORM)
    )


@section.post("/editor/authentication", scopes=("read",))
async def authentication(visit: Visit) -> Response:
    """The fields of the chosen type. What the form was made from stays: choosing its type again brings its
    fields back."""
    reading = read_form(visit.form)
    editor = form_from_document(reading.document, typed=reading.typed)
    return visit.fragment("editor/authentication.html", **await _context(visit, None, editor))


@section.post("/editor/changes", scopes=("read",))
async def changes(visit: Visit) -> Response:
    """Saved and unsaved."""
    document, stored = document_from_form(visit.form), await _known(visit)
    return visit.fragment("editor/changes.html", **compared(stored.document if stored else {}, document))


@section.post("/editor/secrets", scopes=("secrets",))
async def add_secret(visit: Visit) -> Response:
    """Create a secret beside the field that it is for. Its value is in no answer."""
    name, value = visit.form.get("secret_name"), Secret(visit.form.get("secret_value"))
    try:
        await put_secret(visit.engine, visit.tenant, name, value, create_only=True, actor=visit.actor)
    except DocumentInvalid as error:
        faults = visit.faults(error)
    except Conflict as error:
        faults = {"name": error.detail}
    else:
        await visit.engine.refresh()
        return visit.fragment("editor/new_secret.html", secret_made=name, secret_faults=None)
    return visit.fragment("editor/new_secret.html", status=422, secret_name=name, secret_faults=faults)


@section.get("/editor/schema", scopes=("read",))
async def schema(visit: Visit) -> Response:
    """What Code Mode proposes."""
    return JSONResponse(registry_schema())


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


def _whole(reading: Reading) -> dict[str, Any]:
    if reading.faults:
        count = len(reading.faults)
        raise DocumentInvalid(
            f"the connector has {count} fault{'s' if count > 1 else ''} and was not saved",
            fields=reading.faults,
        )
    return reading.document


def _revision(form: Form, stored: StoredConnector) -> int:
    written = form.get("revision")
    return int(written) if written.isdecimal() else stored.revision


def _mode(text: str) -> str:
    return CODE if text == CODE else FORM


def _methods(shown: str) -> list[tuple[str, str]]:
    """For a select that shows a method which may be none."""
    return [(each, each) for each in dict.fromkeys((*get_args(Method), shown))]


async def _stored(visit: Visit, permalink: str) -> StoredConnector:
    return (await get_connector(visit.engine, visit.tenant, permalink)).stored


async def _is_stored(visit: Visit, permalink: str) -> bool:
    try:
        await _stored(visit, permalink)
    except ConnectorNotFound:
        return False
    return True


async def _known(visit: Visit) -> StoredConnector | None:
    known = visit.form.get("known")
    return await _stored(visit, known) if known else None


async def _refused(
    visit: Visit, stored: StoredConnector | None, reading: Reading, error: DocumentInvalid
) -> Response:
    mode = visit.form.get("mode")
    editor = form_from_document(reading.document, mode=_mode(mode), typed=reading.typed)
    found = marked(Findings(tuple(error.fields)), mode, visit.form.get("document"))
    show = _body if visit.partial else _page
    return await show(
        visit,
        stored,
        editor,
        status=422,
        faults=FaultsAt(visit.faults(error)),
        findings=found,
        attempted=True,
    )


async def _page(
    visit: Visit, stored: StoredConnector | None, editor: EditorForm, *, status: int = 200, **more: Any
) -> Response:
    context = await _context(visit, stored, editor)
    return visit.page("editor/page.html", status=status, **{**context, **more})


async def _body(
    visit: Visit, stored: StoredConnector | None, editor: EditorForm, *, status: int = 200, **more: Any
) -> Response:
    if not visit.partial:
        return await _page(visit, stored, editor, status=status, unsaved=True, **more)
    context = await _context(visit, stored, editor)
    return visit.fragment("editor/body.html", status=status, **{**context, **more})


async def _context(visit: Visit, stored: StoredConnector | None, editor: EditorForm) -> dict[str, Any]:
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
        "preview": None,
        "preview_problem": None,
        "preview_who": TrialForm.of({}, visit.form).who,
    }
