"""What is kept of executions of connectors, and what the rest of Sealgate asks of it. Times are Unix
seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args

Outcome = Literal["succeeded", "failed", "refused"]
"""`failed`: an error, or a reply of 400 and above. `refused`: it was answered before anything ran (no
right to call, no such connector)."""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

SHARES: Mapping[Outcome, float] = {"succeeded": 0.25, "failed": 0.5, "refused": 0.25}
"""Of the runs that a tenant may keep: neither many successes nor a flood of strangers drive failures out."""

BODIES_KEPT_SECONDS = 24 * 3600.0
"""Captured bodies are forgotten before their runs are."""


@dataclass(frozen=True, slots=True)
class RunHead:
    """What a list shows of a run. `caller` says what identified the caller; `user_id` or `token_name` who
    it was."""

    request_id: str
    permalink: str
    at: float
    method: str
    status: int
    code: str | None
    outcome: Outcome
    total_ms: float
    external_ms: float
    cache_hit: bool
    caller: str | None
    user_id: str | None
    token_name: str | None
    origin: str | None
    """The page that called, as its browser named it."""


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run with all that is kept of it. `explain` and `bodies` are JSON, scrubbed; they are sealed."""

    tenant: str
    head: RunHead
    explain: dict[str, Any] = field(repr=False)
    bodies: dict[str, Any] | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to list; what is `None` does not matter. `statuses` is an inclusive range; `until` is
    exclusive."""

    connector: str | None = None
    statuses: tuple[int, int] | None = None
    outcome: Outcome | None = None
    code: str | None = None
    user: str | None = None
    request_id: str | None = None
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class RunPage:
    """Runs, the newest first. `next` is where the page after begins; `None`: there is none."""

    runs: tuple[RunHead, ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class RunPoint:
    """One point of a sparkline."""

    at: float
    status: int
    total_ms: float
    outcome: Outcome


class RunStore(Protocol):
    async def add(self, runs: Sequence[RecordedRun], kept: int) -> None:
        """Keep these runs, and of each tenant that has one no more than `kept` in all. Runs of a tenant
        that is not there are dropped."""
        ...

    async def forget_all(self) -> None:
        """Keep no run of any tenant."""
        ...

    async def find(
        self, tenant: str, wanted: RunFilter, *, limit: int, before: int | None = None
    ) -> RunPage: ...

    async def get(self, tenant: str, request_id: str) -> RecordedRun:
        """Raises NotFound."""
        ...

    async def recent(
        self, tenant: str, permalinks: Sequence[str], count: int
    ) -> dict[str, tuple[RunPoint, ...]]:
        """The last `count` runs of each connector that has any, the oldest first; without those that were
        refused."""
        ...
