"""Whether the bodies of a connector's calls are kept with its runs: for a time only (docs, Runs)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from sealgate.errors import Conflict, DocumentInvalid
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.services.moments import timestamp

MOST_MINUTES = 60


@dataclass(frozen=True, slots=True)
class ShownCapture:
    """`until` is Unix seconds; `None`: no bodies are captured."""

    permalink: str
    until: float | None

    def as_json(self) -> dict[str, Any]:
        return {"connector": self.permalink, "until": timestamp(self.until)}


async def get_capture(engine: Engine, tenant: str, permalink: str) -> ShownCapture:
    """Raises ConnectorNotFound."""
    await engine.store.get_connector(tenant, permalink)
    until = engine.tenant(tenant).captures.get(permalink)
    return ShownCapture(permalink, until if until is not None and until > time.time() else None)


async def capture_bodies(
    engine: Engine, tenant: str, permalink: str, minutes: int, *, actor: str
) -> ShownCapture:
    """Keep the bodies of the calls of the next minutes. Raises DocumentInvalid, ConnectorNotFound, Conflict
    when no runs are recorded."""
    if not 1 <= minutes <= MOST_MINUTES:
        message = f"must be from 1 to {MOST_MINUTES}: bodies are never captured for long"
        raise DocumentInvalid("bodies are not captured", fields=[Finding("minutes", message)])
    if not engine.settings.runs_kept:
        raise Conflict("no runs are recorded: SEALGATE_RUNS_KEPT is 0")
    until = time.time() + minutes * 60
    await engine.store.put_capture(tenant, permalink, until, actor=actor)
    await engine.refresh()
    return ShownCapture(permalink, until)


async def end_capture(engine: Engine, tenant: str, permalink: str, *, actor: str) -> None:
    """Keep no more bodies of this connector. Raises NotFound when none were captured."""
    await engine.store.delete_capture(tenant, permalink, actor=actor)
    await engine.refresh()
