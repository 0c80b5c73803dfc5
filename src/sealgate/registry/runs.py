"""Runs of a source: each sync is kept with what it did or why it failed."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from sealgate.errors import SealgateError
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.registry.sync import SyncResult
from sealgate.stores.source_ports import SyncRun, Trigger


@dataclass(slots=True)
class Running:
    """A run that is under way. Whoever does the work sets what it learns."""

    revision: str | None
    result: SyncResult | None = None


@asynccontextmanager
async def kept_run(
    engine: Engine, tenant: str, source: str, trigger: Trigger, *, actor: str, revision: str | None = None
) -> AsyncIterator[Running]:
    """Keep what happens inside as a run of a source that exists. Errors are kept, scrubbed, and raised
    again."""
    run = SyncRun(trigger, actor, started_at=time.time(), revision=revision)
    began = time.monotonic()
    id = await engine.store.begin_run(tenant, source, run)
    running = Running(revision)
    ended = replace(run, state="failed", error="the run was interrupted")
    try:
        yield running
        ended = _succeeded(engine, tenant, run, running.result)
    except SealgateError as error:
        ended = replace(
            run,
            state="failed",
            error=engine.scrub(tenant, error.detail or error.code),
            faults=scrubbed_findings(engine, tenant, error.fields),
        )
        raise
    finally:
        ended = replace(ended, revision=running.revision, seconds=round(time.monotonic() - began, 3))
        await engine.store.end_run(tenant, source, id, ended)


def scrubbed_findings(engine: Engine, tenant: str, findings: Sequence[Finding]) -> tuple[dict[str, Any], ...]:
    """As JSON for runs and logs. A finding shows the text of a file, and a file may hold what it should
    not."""
    redactor = engine.tenant(tenant).redactor
    return tuple(redactor.tree(finding.as_json()) for finding in findings)


def _succeeded(engine: Engine, tenant: str, run: SyncRun, result: SyncResult | None) -> SyncRun:
    assert result is not None, "a run that ended well has a result"
    return replace(
        run,
        state="warning" if result.warnings else "completed",
        created=result.created,
        updated=result.updated,
        deleted=result.deleted,
        warnings=scrubbed_findings(engine, tenant, result.warnings),
    )
