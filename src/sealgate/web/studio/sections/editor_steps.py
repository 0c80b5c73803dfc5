"""The buttons of the editor that change the order of a composite connector's steps, or what kind of connector
is written. Nothing is saved: the form is drawn again from the document."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sealgate.errors import DocumentInvalid, RequestInvalid
from sealgate.services.drafts import as_composite, as_single, with_new_step, with_step_moved, without_step
from sealgate.web.studio.section import Section
from sealgate.web.studio.sections.editor_form import form_from_document, read_form, unfolded_steps
from sealgate.web.studio.sections.editor_page import known_connector, show_body, show_refused
from sealgate.web.studio.visit import Visit

section = Section(None, "/connectors", scopes=("write",))


@section.post("/editor/kind", scopes=("write",))
async def change_kind(visit: Visit) -> Response:
    """One request or several: what is written of the one becomes the first step of the other."""
    reading = read_form(visit.form)
    if reading.faults:
        return await show_refused(visit, None, reading, DocumentInvalid("", fields=reading.faults))
    composite = visit.form.get("kind") == "composite"
    document = as_composite(reading.document) if composite else as_single(reading.document)
    said = "Now it has steps; what was written is the first." if composite else "Now it sends one request."
    return await show_body(visit, None, form_from_document(document), unsaved=True, said=said)


@section.post("/editor/steps", scopes=("write",))
async def change_steps(visit: Visit) -> Response:
    """`step` says what to do: `add`, or `up:2`, `down:2`, `remove:2` with the index of a step."""
    reading, stored = read_form(visit.form), await known_connector(visit)
    if reading.faults:
        return await show_refused(visit, stored, reading, DocumentInvalid("", fields=reading.faults))
    document = reading.document
    action, _, written = visit.form.get("step").partition(":")
    if action == "add":
        document = with_new_step(document)
        moved = len(document["steps"])
        said = f"Step {moved} was added."
    else:
        index = _index(written)
        moved, document = _changed(document, action, index)
        said = f"Step {index + 1} " + ("was removed." if action == "remove" else f"is now step {moved}.")
    unfolded = _unfolded(visit, document, reading.document)
    editor = form_from_document(document, unfolded=unfolded)
    return await show_body(visit, stored, editor, unsaved=True, moved=moved, said=said)


def _changed(document: dict[str, Any], action: str, index: int) -> tuple[int, dict[str, Any]]:
    """The number of the step to go to, and the document. Raises RequestInvalid."""
    match action:
        case "up":
            return max(index, 1), with_step_moved(document, index, index - 1)
        case "down":
            moved = with_step_moved(document, index, index + 1)
            return min(index + 2, len(moved["steps"])), moved
        case "remove":
            left = without_step(document, index)
            return min(index + 1, len(left["steps"])), left
    raise RequestInvalid(f"there is no action {action!r}", hint="use add, up, down or remove")


def _unfolded(visit: Visit, after: dict[str, Any], before: dict[str, Any]) -> frozenset[int] | None:
    """The cards that were unfolded, under the numbers that their steps have now."""
    known = unfolded_steps(visit.form)
    if known is None:
        return None
    open_ids = {id(step) for number, step in enumerate(before["steps"], 1) if number in known}
    return frozenset(number for number, step in enumerate(after["steps"], 1) if id(step) in open_ids)


def _index(text: str) -> int:
    if not text.isdecimal():
        raise RequestInvalid("which step is not said", hint="load the page again")
    return int(text)
