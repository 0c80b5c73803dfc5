"""Search as you type among the names of connectors, for fields that choose some of thousands."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from sealgate.web.studio.section import Section
from sealgate.web.studio.visit import Visit

section = Section(None, "/connectors", scopes=("read",))

MOST_OFFERED = 20


@section.get("/names/connectors", scopes=("read",))
async def find(visit: Visit) -> Response:
    """The first that fit, as checkboxes, or as options of a field (`as=options`)."""
    words = visit.query.get("q", visit.query.get("connector"))
    offered, total = offered_names(visit, words)
    kind = "options" if visit.query.get("as") == "options" else "choices"
    return visit.fragment(f"connector_names/{kind}.html", offered=offered, offered_of=total)


def offered_names(visit: Visit, words: str = "") -> tuple[Sequence[tuple[str, str]], int]:
    """Permalink and name of the first that have all these words, by name; and how many have them."""
    wanted = words.casefold().split()
    names = all_names(visit)
    found = [each for each in names if all(word in " ".join(each).casefold() for word in wanted)]
    return sorted(found, key=lambda each: each[1].casefold())[:MOST_OFFERED], len(found)


def all_names(visit: Visit) -> Sequence[tuple[str, str]]:
    connectors = visit.engine.tenant(visit.tenant).connectors
    return [(permalink, stored.document["name"]) for permalink, stored in connectors.items()]
