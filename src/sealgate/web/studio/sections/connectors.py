"""The list of connectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from sealgate.auth.catalog import TYPES
from sealgate.services.connectors import ShownConnector, list_connectors, method_of
from sealgate.services.runs import recent_runs
from sealgate.web.studio.section import Section
from sealgate.web.studio.sparkline import sparkline
from sealgate.web.studio.visit import Visit

section = Section("Connectors", "/connectors", key="c", icon="connectors")

MOST_SHOWN = 200
"""Rows of one page; who has more than that searches."""
HOST = re.compile(r"https?://([^/?#]*)")
LABELS = {
    "none": "None",
    "api_key": "API key",
    "oauth_client_credentials": "OAuth client credentials",
    "jwt": "JWT",
    "oauth_jwt_bearer": "OAuth JWT bearer",
}
COMPOSITE = "composite"
BY_HAND = ":by-hand"
"""Among the filter's sources; no source can have this name."""
NO_AUTHENTICATION = {"type": "none"}


@dataclass(frozen=True, slots=True)
class Row:
    """A connector as the list shows it. `host` is as written: it may be a template. `authentication` is a
    type, or `composite` when each step has its own."""

    permalink: str
    name: str
    method: str
    host: str
    steps: tuple[str, ...]
    authentication: str
    source: str | None
    updated_at: float
    updated_by: str

    @property
    def authentication_label(self) -> str:
        return LABELS.get(self.authentication, self.authentication)

    def found_by(self, words: Sequence[str]) -> bool:
        text = " ".join((self.name, self.permalink, self.host, *self.steps)).casefold()
        return all(word in text for word in words)


@section.get("/connectors", scopes=("read",))
async def list_(visit: Visit) -> Response:
    """All connectors, or those that fit what is searched for."""
    stored = await list_connectors(visit.engine, visit.tenant)
    rows = sorted(map(_row, stored), key=lambda row: row.name.casefold())
    words = visit.query.get("q").casefold().split()
    method, authentication = visit.query.get("method"), visit.query.get("authentication")
    source = visit.query.get("source")
    found = [
        row
        for row in rows
        if row.found_by(words)
        and method in ("", row.method)
        and authentication in ("", row.authentication)
        and source in ("", row.source or BY_HAND)
    ]
    shown = found[:MOST_SHOWN]
    recent = await recent_runs(visit.engine, visit.tenant, [row.permalink for row in shown])
    context: dict[str, Any] = {
        "rows": shown,
        "last_runs": {permalink: sparkline(points) for permalink, points in recent.items()},
        "found": len(found),
        "total": len(rows),
        "q": visit.query.get("q"),
        "method": method,
        "authentication": authentication,
        "source": source,
    }
    if visit.partial:
        return visit.fragment("connectors/rows.html", **context)
    methods = [(name, name) for name in sorted({row.method for row in rows})]
    used = {row.authentication for row in rows}
    types = [(name, LABELS.get(name, name)) for name in TYPES if name in used]
    sources = [(name, name) for name in sorted({row.source for row in rows if row.source})]
    if sources:
        sources = [(BY_HAND, "Made by hand"), *sources]
    return visit.page("connectors/list.html", methods=methods, types=types, sources=sources, **context)


def _row(connector: ShownConnector) -> Row:
    stored, document = connector.stored, connector.stored.document
    steps = tuple(step["name"] for step in document.get("steps", ()))
    host = HOST.match(document.get("url", ""))
    return Row(
        permalink=stored.permalink,
        name=document["name"],
        method=method_of(document),
        host=host[1] if host else document.get("url", ""),
        steps=steps,
        authentication=COMPOSITE if steps else document.get("authentication", NO_AUTHENTICATION)["type"],
        source=stored.source,
        updated_at=stored.updated_at,
        updated_by=stored.updated_by,
    )
