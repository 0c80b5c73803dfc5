"""What a connector was, and how to call it."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sealgate.auth.catalog import TYPES
from sealgate.errors import ConnectorNotFound, DocumentInvalid, RequestInvalid
from sealgate.services.connectors import get_connector, method_of
from sealgate.services.revisions import ShownRevision, get_revision, list_revisions, restore_revision
from sealgate.services.snippets import snippets_of
from sealgate.stores.ports import StoredConnector
from sealgate.web.studio.section import Section
from sealgate.web.studio.sections.authentication_fields import fields_of
from sealgate.web.studio.sections.editor_conflict import compared, home
from sealgate.web.studio.visit import Visit

section = Section(None, "/connectors", scopes=("read",))

MOST_SHOWN = 200


@section.get("/connectors/{permalink}/history", scopes=("read",))
async def history(visit: Visit) -> Response:
    """Every revision; what changed from `before` to `after`, by default in the newest one."""
    permalink = visit.path["permalink"]
    revisions = await list_revisions(visit.engine, visit.tenant, permalink)
    numbers = [each.info.revision for each in revisions]
    after = _number(visit.query.get("after"), numbers) or numbers[0]
    earlier = next((number for number in numbers if number < after), None)
    before = _number(visit.query.get("before"), numbers) or earlier
    stored = await _stored(visit, permalink)
    return visit.page(
        "editor/history.html",
        **_heading(visit, stored, permalink, "history"),
        revisions=revisions[:MOST_SHOWN],
        total=len(revisions),
        before_number=before,
        after_number=after,
        difference=compared(
            await _document(visit, permalink, before) if before else {},
            await _document(visit, permalink, after),
        ),
    )


@section.post("/connectors/{permalink}/restore", scopes=("write",))
async def restore(visit: Visit) -> Response:
    permalink = visit.path["permalink"]
    number = int(visit.form.get("number"))
    current = visit.form.get("revision")
    try:
        await restore_revision(
            visit.engine,
            visit.tenant,
            permalink,
            number,
            actor=visit.actor,
            if_revision=int(current) if current else None,
        )
    except DocumentInvalid as error:
        raise DocumentInvalid(
            f"revision {number} would be refused today and was not restored", fields=error.fields
        ) from None
    return visit.redirect(home(visit, permalink), toast=f"Revision {number} was restored")


@section.get("/connectors/{permalink}/use", scopes=("read",))
async def use(visit: Visit) -> Response:
    """Snippets that call it."""
    permalink = visit.path["permalink"]
    stored = (await get_connector(visit.engine, visit.tenant, permalink)).stored
    gateway, problem = visit.query.get("gateway"), None
    try:
        snippets = await snippets_of(visit.engine, visit.tenant, permalink, gateway or None)
    except RequestInvalid as error:
        problem = error.detail
        snippets = await snippets_of(visit.engine, visit.tenant, permalink)
    return visit.page(
        "editor/use.html",
        status=422 if problem else 200,
        **_heading(visit, stored, permalink, "use"),
        snippets=snippets,
        gateway=gateway,
        problem=problem,
    )


@section.get("/help/authentication", scopes=("read",))
async def help_(visit: Visit) -> Response:
    """Every authentication type and its fields."""
    types = [(kind, list(fields_of(kind.name).values())) for kind in TYPES.values()]
    return visit.page("editor/help.html", types=types)


def _heading(visit: Visit, stored: StoredConnector | None, permalink: str, tab: str) -> dict[str, Any]:
    return {
        "title": stored.document["name"] if stored else permalink,
        "permalink": permalink,
        "stored": stored,
        "method": method_of(stored.document) if stored else "",
        "readonly": bool(stored and stored.source) or not visit.may("write"),
        "tab": tab,
    }


async def _stored(visit: Visit, permalink: str) -> StoredConnector | None:
    """`None` when it was deleted: its history is still there."""
    try:
        return (await get_connector(visit.engine, visit.tenant, permalink)).stored
    except ConnectorNotFound:
        return None


async def _document(visit: Visit, permalink: str, number: int) -> dict[str, Any]:
    revision: ShownRevision = await get_revision(visit.engine, visit.tenant, permalink, number)
    return revision.document or {}


def _number(text: str, known: list[int]) -> int | None:
    return int(text) if text.isdecimal() and int(text) in known else None
