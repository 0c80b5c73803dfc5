"""What differs between two documents, and what to do when two people changed the same one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sealgate.errors import NotFound
from sealgate.services.connectors import get_connector
from sealgate.services.revisions import ABSENT, Change, changes_between, get_revision
from sealgate.web.studio.sections.editor_members import as_json
from sealgate.web.studio.visit import Visit

MOST_CHANGES = 12


def home(visit: Visit, permalink: str) -> str:
    """The address of a connector; `new` is that of the page for another one."""
    return visit.url("/connectors", permalink, *(("edit",) if permalink == "new" else ()))


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What `editor/changes.html` shows."""
    changes = list(changes_between(before, after))
    return {
        "before": as_json(before),
        "after": as_json(after),
        "changes": [(change.path, _words(change)) for change in changes[:MOST_CHANGES]],
        "more_changes": max(len(changes) - MOST_CHANGES, 0),
    }


def _words(change: Change) -> str:
    if change.before is ABSENT:
        return "was added"
    return "was removed" if change.after is ABSENT else "was changed"


async def conflict_page(visit: Visit, permalink: str, document: Mapping[str, Any]) -> Response:
    """Someone else saved meanwhile: what they changed, what you changed, and the ways on. The document goes
    along in the page."""
    stored = (await get_connector(visit.engine, visit.tenant, permalink)).stored
    try:
        base = await get_revision(visit.engine, visit.tenant, permalink, int(visit.form.get("revision")))
    except NotFound:
        base = None  # so long ago that it is no longer kept
    started = base.document if base and base.document is not None else None
    context: dict[str, Any] = {
        "stored": stored,
        "theirs": compared(started, stored.document) if started is not None else None,
        "yours": compared(stored.document if started is None else started, document),
        "together": compared(stored.document, document),
        "document": json.dumps(document),
        "home": home(visit, permalink),
    }
    if not visit.partial:
        return visit.page("editor/conflict_page.html", status=412, **context)
    response = visit.fragment("editor/conflict.html", status=412, **context)
    response.headers["hx-retarget"] = "#main"
    response.headers["hx-reswap"] = "innerHTML show:window:top"
    return response
