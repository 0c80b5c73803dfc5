"""The connector editor: form and Code Mode of one document, checked and previewed while it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sealgate.errors import Conflict, ConnectorNotFound, DocumentInvalid, PreconditionFailed, RequestInvalid
from sealgate.secret import Secret
from sealgate.services.connectors import create_connector, delete_connector, put_connector
from sealgate.services.drafts import as_composite
from sealgate.services.secrets import put_secret
from sealgate.stores.ports import StoredConnector
from sealgate.web.studio.forms import Form
from sealgate.web.studio.section import Section
from sealgate.web.studio.sections.editor_conflict import conflict_page, home
from sealgate.web.studio.sections.editor_exchange import ExchangeForm
from sealgate.web.studio.sections.editor_form import EditorForm, form_from_document, read_form, unfolded_steps
from sealgate.web.studio.sections.editor_members import Reading
from sealgate.web.studio.sections.editor_page import (
    editor_context,
    known_connector,
    mode_of,
    show_body,
    show_page,
    show_refused,
    stored_connector,
)
from sealgate.web.studio.visit import Visit

section = Section(None, "/connectors", scopes=("read",))

NEW: Mapping[str, Any] = {"name": "", "method": "GET", "url": ""}


@section.get("/connectors/new", scopes=("write",))
async def new(visit: Visit) -> Response:
    """An empty editor, of a composite connector when `kind` says so, or a copy of the connector that `from`
    names."""
    document: Mapping[str, Any] = as_composite(NEW) if visit.query.get("kind") == "composite" else NEW
    if origin := visit.query.get("from"):
        stored = await stored_connector(visit, origin)
        document = {name: value for name, value in stored.document.items() if name != "permalink"}
        document = {**document, "name": f"Copy of {document['name']}"[:255]}
    taken = await _is_stored(visit, "new")
    return await show_page(visit, None, form_from_document(document), address_taken=taken)


@section.get("/connectors/{permalink}", scopes=("read",))
async def open_(visit: Visit) -> Response:
    stored = await stored_connector(visit, visit.path["permalink"])
    return await show_page(visit, stored, form_from_document(stored.document))


@section.get("/connectors/{permalink}/edit", scopes=("read",))
async def open_edit(visit: Visit) -> Response:
    return await open_(visit)


@section.post("/connectors/new", scopes=("write",))
async def create(visit: Visit) -> Response:
    reading = read_form(visit.form)
    try:
        saved = await create_connector(visit.engine, visit.tenant, _whole(reading), actor=visit.actor)
    except DocumentInvalid as error:
        return await show_refused(visit, None, reading, error)
    return visit.redirect(
        home(visit, saved.stored.permalink), toast=f"{saved.stored.document['name']} was created"
    )


@section.post("/connectors/{permalink}/edit", scopes=("write",))
async def save(visit: Visit) -> Response:
    stored = await stored_connector(visit, visit.path["permalink"])
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
        return await show_refused(visit, stored, reading, error)
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
    stored = await known_connector(visit)
    mode = visit.form.get("to", visit.form.get("mode"))
    if reading.faults:
        return await show_refused(visit, stored, reading, DocumentInvalid("", fields=reading.faults))
    editor = form_from_document(reading.document, mode=mode_of(mode), unfolded=unfolded_steps(visit.form))
    return await show_body(visit, stored, editor)


@section.post("/editor/authentication", scopes=("read",))
async def authentication(visit: Visit) -> Response:
    """The fields of the chosen type. What the form was made from stays: choosing its type again brings its
    fields back."""
    reading = read_form(visit.form)
    editor = form_from_document(reading.document, typed=reading.typed)
    context = await editor_context(visit, None, editor)
    return visit.fragment("editor/authentication.html", **context, exchange=_exchange(visit, editor))


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


def _whole(reading: Reading) -> dict[str, Any]:
    if reading.faults:
        count = len(reading.faults)
        raise DocumentInvalid(
            f"the connector has {count} fault{'s' if count > 1 else ''} and was not saved",
            fields=reading.faults,
        )
    return reading.document


def _exchange(visit: Visit, editor: EditorForm) -> ExchangeForm:
    """The connector, or the step that the address names. Raises RequestInvalid."""
    if editor.exchange:
        return editor.exchange
    number = visit.query.get("step")
    found = [step.exchange for step in editor.steps or () if str(step.number - 1) == number]
    if not found or found[0] is None:
        raise RequestInvalid(f"there is no step {number!r}", hint="load the page again")
    return found[0]


def _revision(form: Form, stored: StoredConnector) -> int:
    written = form.get("revision")
    return int(written) if written.isdecimal() else stored.revision


async def _is_stored(visit: Visit, permalink: str) -> bool:
    try:
        await stored_connector(visit, permalink)
    except ConnectorNotFound:
        return False
    return True
