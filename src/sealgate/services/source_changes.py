"""What a run of a source changed in each connector, from the connectors' revisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sealgate.errors import NotFound
from sealgate.execution.engine import Engine
from sealgate.services.sources import list_runs
from sealgate.stores.revision_ports import RevisionInfo
from sealgate.stores.source_ports import SyncRun

ROUNDING_SECONDS = 0.01
"""The length of a run is kept to the millisecond."""


@dataclass(frozen=True, slots=True)
class ConnectorChange:
    """A connector before and after a run; `None` where it was not there."""

    permalink: str
    revision: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None


async def change_of_run(
    engine: Engine, tenant: str, source: str, started_at: float, permalink: str
) -> ConnectorChange:
    """What the run that began then (`SyncRun.started_at`) did to one of its connectors. Raises NotFound when
    it did nothing to it, or when the revisions of that time are forgotten."""
    runs = await list_runs(engine, tenant, source)
    run = next((run for run in runs if run.started_at == started_at), None)
    if run is None or permalink not in (*run.created, *run.updated, *run.deleted):
        raise NotFound(f"no run of the source {source!r} that is kept changed {permalink!r} then")
    before = after = None
    for info in reversed(await engine.store.list_revisions(tenant, permalink)):
        if _made_by(run, source, info):
            after = info
            break
        before = info
    if after is None or (before is None and permalink not in run.created):
        raise NotFound(
            f"what {permalink!r} was then is forgotten",
            hint="the last fifty revisions of a connector are kept, those of a deleted one for 30 days",
        )
    return ConnectorChange(
        permalink,
        after.revision,
        before=await _document(engine, tenant, permalink, before),
        after=await _document(engine, tenant, permalink, after),
    )


def _made_by(run: SyncRun, source: str, info: RevisionInfo) -> bool:
    """A run saves each connector at most once, and two runs of a source never overlap."""
    end = run.started_at + (run.seconds or 0) + ROUNDING_SECONDS
    return run.started_at <= info.saved_at <= end and (info.deleted or info.source == source)


async def _document(
    engine: Engine, tenant: str, permalink: str, info: RevisionInfo | None
) -> dict[str, Any] | None:
    if info is None or info.deleted:
        return None
    return (await engine.store.get_revision(tenant, permalink, info.revision)).document
