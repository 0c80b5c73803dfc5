"""What the rest of Sealgate needs from a store about registry sources and their runs (REFERENCE 13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

Kind = Literal["upload", "file", "git"]
Trigger = Literal["upload", "file", "poll", "webhook", "manual"]
State = Literal["in_progress", "completed", "warning", "failed"]

KEPT_RUNS = 100
"""Per source; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class GitSettings:
    """Where a git source's registry file is. `credential` and `webhook_secret` are names of secrets."""

    url: str
    branch: str = "main"
    path: str = "connectors_registry.json"
    poll_seconds: int = 60
    username: str | None = None
    credential: str | None = None
    host_key: str | None = None
    webhook_secret: str | None = None
    enabled: bool = True

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of the secrets that it needs, each once."""
        named = (self.credential, self.webhook_secret)
        return tuple(dict.fromkeys(name for name in named if name is not None))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source. `git` is `None` for uploads and files; times are Unix seconds."""

    tenant: str
    name: str
    kind: Kind
    git: GitSettings | None
    revision: int
    """The number of the change that wrote the settings."""
    failures: int
    """Runs that failed in a row."""
    next_sync_at: float
    sync_requested_at: float | None
    sync_trigger: Trigger | None
    sync_actor: str | None
    """Who asked for a run before it is due."""
    created_at: float
    updated_at: float
    updated_by: str


@dataclass(frozen=True, slots=True)
class SyncRun:
    """One run of a source. `revision` is a git commit or the SHA-256 of the file; faults and warnings
    are as `Finding.as_json` writes them."""

    trigger: Trigger
    actor: str
    started_at: float
    seconds: float | None = None
    state: State = "in_progress"
    revision: str | None = None
    error: str | None = None
    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    faults: tuple[dict[str, Any], ...] = ()
    warnings: tuple[dict[str, Any], ...] = ()

    @property
    def changes(self) -> bool:
        return bool(self.created or self.updated or self.deleted)

    def repeats(self, earlier: SyncRun) -> bool:
        """Whether this run says nothing that the earlier one did not say."""
        return not self.changes and self._outcome() == earlier._outcome()

    def _outcome(self) -> tuple[object, ...]:
        return self.state, self.revision, self.error, self.faults, self.warnings


class SourceStore(Protocol):
    """Sources and their runs. Methods that name a source raise NotFound when there is none."""

    async def list_sources(self, tenant: str) -> Sequence[StoredSource]: ...
    async def get_source(self, tenant: str, name: str) -> StoredSource: ...
    async def put_git_source(
        self, tenant: str, name: str, settings: GitSettings, *, actor: str
    ) -> tuple[StoredSource, bool]:
        """Create a git source, or change one (an upload becomes one); the flag says whether it was
        created. It is due at once. Raises Conflict for a source that is a followed file."""
        ...

    async def ensure_source(self, tenant: str, name: str, kind: Kind, *, actor: str) -> None:
        """Make the source of an upload or a file known. Raises Conflict when it is a git source."""
        ...

    async def delete_source(
        self, tenant: str, name: str, *, keep_connectors: bool, actor: str
    ) -> tuple[str, ...]:
        """Forget a source and its runs; gives the permalinks that it owned. They are deleted, or
        become connectors made by hand."""
        ...

    async def due_sources(self, now: float) -> Sequence[StoredSource]:
        """Every tenant's enabled git sources that should run now and that nobody runs."""
        ...

    async def request_sync(self, tenant: str, name: str, trigger: Trigger, *, actor: str) -> None:
        """Ask whoever runs sources to run this one soon."""
        ...

    async def lease_source(self, tenant: str, name: str, owner: str, seconds: float) -> bool:
        """Whether `owner` may run the source: nobody else holds an unexpired lease."""
        ...

    async def release_source(self, tenant: str, name: str, owner: str, began: float, *, failed: bool) -> None:
        """End the lease and say when the source is due again. What was asked for after `began` stays."""
        ...

    async def begin_run(self, tenant: str, name: str, run: SyncRun) -> int: ...
    async def end_run(self, tenant: str, name: str, id: int, run: SyncRun) -> None:
        """Write how a run ended. One that repeats the run before it is forgotten."""
        ...

    async def list_runs(self, tenant: str, name: str) -> Sequence[SyncRun]:
        """The newest first."""
        ...

    async def last_runs(self, tenant: str) -> dict[str, SyncRun]:
        """The newest run of each source that has one."""
        ...
