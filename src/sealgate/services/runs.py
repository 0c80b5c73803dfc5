"""Runs: the last executions of connectors, to find why a call failed (docs, Runs)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sealgate.errors import DocumentInvalid
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.services.moments import seconds_of, timestamp
from sealgate.stores.run_ports import OUTCOMES, RecordedRun, RunFilter, RunHead, RunPage, RunPoint

MOST_LISTED = 200
SPARKLINE = 30
"""Runs of a connector that a sparkline shows."""

STATUS = re.compile(r"[1-5](?:\d\d|xx)")


@dataclass(frozen=True, slots=True)
class ShownPage:
    page: RunPage

    def as_json(self) -> dict[str, Any]:
        """`next` is the cursor of the page after, `null` on the last one."""
        following = self.page.next
        return {
            "runs": [head_as_json(head) for head in self.page.runs],
            "next": None if following is None else str(following),
        }


@dataclass(frozen=True, slots=True)
class ShownRun:
    """`bodies_kept`: whether there are bodies, shown or not."""

    stored: RecordedRun
    bodies_kept: bool

    def as_json(self) -> dict[str, Any]:
        """`bodies` is `null` unless they were captured, after a day, and for who may not read them."""
        stored = self.stored
        return {
            **head_as_json(stored.head),
            "explain": stored.explain,
            "bodies": stored.bodies,
            "bodies_kept": self.bodies_kept,
        }


def head_as_json(head: RunHead) -> dict[str, Any]:
    """What is known of a run without opening anything. `caller` is `null` when nobody was identified."""
    caller = {"source": head.caller, "user": head.user_id, "token": head.token_name}
    return {
        "request_id": head.request_id,
        "connector": head.permalink,
        "at": timestamp(head.at, "milliseconds"),
        "method": head.method,
        "status": head.status,
        "code": head.code,
        "outcome": head.outcome,
        "total_ms": head.total_ms,
        "external_ms": head.external_ms,
        "cache_hit": head.cache_hit,
        "caller": caller if head.caller else None,
        "origin": head.origin,
    }


def point_as_json(point: RunPoint) -> dict[str, Any]:
    return {
        "at": timestamp(point.at, "milliseconds"),
        "status": point.status,
        "outcome": point.outcome,
        "total_ms": point.total_ms,
    }


def read_filter(given: Mapping[str, str | None]) -> RunFilter:
    """A filter as people write it: `connector`, `status` (`404` or `4xx`), `outcome`, `code`, `user` (an
    id, or a token's name), `request_id`, `since` and `until` (RFC 3339). Raises DocumentInvalid with every
    fault."""
    faults: list[Finding] = []
    status, outcome = given.get("status"), given.get("outcome")
    if status is not None and not STATUS.fullmatch(status):
        faults.append(Finding("status", "is a status such as 404, or a class of them such as 4xx"))
    if outcome is not None and outcome not in OUTCOMES:
        faults.append(Finding("outcome", f"is one of {', '.join(OUTCOMES)}"))
    moments: dict[str, float | None] = {}
    for name in ("since", "until"):
        text = given.get(name)
        try:
            moments[name] = None if text is None else seconds_of(text)
        except ValueError as problem:
            faults.append(Finding(name, str(problem)))
    if faults:
        raise DocumentInvalid("the filter is not valid", fields=faults)
    return RunFilter(
        connector=given.get("connector"),
        statuses=_statuses(status) if status is not None else None,
        outcome=next((each for each in OUTCOMES if each == outcome), None),
        code=given.get("code"),
        user=given.get("user"),
        request_id=given.get("request_id"),
        **moments,
    )


async def list_runs(
    engine: Engine, tenant: str, wanted: RunFilter, *, limit: int = 50, cursor: str | None = None
) -> ShownPage:
    """A page of runs, the newest first; `cursor` is the `next` of the page before. Raises DocumentInvalid."""
    faults: list[Finding] = []
    if not 1 <= limit <= MOST_LISTED:
        faults.append(Finding("limit", f"must be from 1 to {MOST_LISTED}"))
    if cursor is not None and not re.fullmatch(r"[1-9][0-9]{0,17}", cursor):
        faults.append(Finding("cursor", "is what the page before said as `next`"))
    if faults:
        raise DocumentInvalid("there is no such page", fields=faults)
    before = None if cursor is None else int(cursor)
    return ShownPage(await engine.store.runs.find(tenant, wanted, limit=limit, before=before))


async def get_run(engine: Engine, tenant: str, request_id: str, *, with_bodies: bool) -> ShownRun:
    """The run with its explain. `with_bodies` says whether who asks may read what users send and get: that
    takes the scope `write`, as capturing does. Raises NotFound."""
    stored = await engine.store.runs.get(tenant, request_id)
    kept = stored.bodies is not None
    return ShownRun(stored if with_bodies else replace(stored, bodies=None), kept)


async def recent_runs(
    engine: Engine, tenant: str, permalinks: Sequence[str], count: int = SPARKLINE
) -> dict[str, tuple[RunPoint, ...]]:
    """The last runs of each of many connectors, the oldest first, for sparklines; without what was refused
    before it ran. Raises DocumentInvalid."""
    faults: list[Finding] = []
    if len(permalinks) > MOST_LISTED:
        faults.append(Finding("connector", f"at most {MOST_LISTED} connectors may be asked for at once"))
    if not 1 <= count <= SPARKLINE:
        faults.append(Finding("count", f"must be from 1 to {SPARKLINE}"))
    if faults:
        raise DocumentInvalid("there is no such list", fields=faults)
    return await engine.store.runs.recent(tenant, permalinks, count)


def _statuses(text: str) -> tuple[int, int]:
    if text.endswith("xx"):
        first = int(text[0]) * 100
        return first, first + 99
    return int(text), int(text)
