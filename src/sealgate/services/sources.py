"""Registry sources: uploads, followed files, git repositories (REFERENCE section 13)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sealgate.errors import Conflict
from sealgate.execution.engine import Engine
from sealgate.registry.git_sources import run_git_source
from sealgate.registry.runs import kept_run
from sealgate.registry.sync import EMPTY, SyncResult, plan_registry, result_of, sync_registry
from sealgate.services.moments import timestamp
from sealgate.services.source_settings import read_git_source, require_source_name
from sealgate.stores.source_ports import StoredSource, SyncRun

ANSWERED = frozenset(
    {"name", "kind", "connectors", "failures", "next_sync_at", "created_at", "updated_at", "updated_by"}
    | {"last_run"}
)
"""Members that an answer adds to a git source's settings; one that was read and sent back has them."""


@dataclass(frozen=True, slots=True)
class ShownSource:
    """A source, the permalinks that it owns, and its newest run."""

    stored: StoredSource
    connectors: tuple[str, ...]
    last_run: SyncRun | None = None
    created: bool = False

    def as_json(self) -> dict[str, Any]:
        stored = self.stored
        git = stored.git
        return {
            "name": stored.name,
            "kind": stored.kind,
            **(git.as_json() if git else {}),
            "connectors": list(self.connectors),
            **({"failures": stored.failures, "next_sync_at": timestamp(stored.next_sync_at)} if git else {}),
            "created_at": timestamp(stored.created_at),
            "updated_at": timestamp(stored.updated_at),
            "updated_by": stored.updated_by,
            "last_run": run_as_json(self.last_run) if self.last_run else None,
        }


def run_as_json(run: SyncRun) -> dict[str, Any]:
    """`revision` is a git commit or the SHA-256 of the file; faults and warnings as `registry check`
    writes them."""
    return {
        "trigger": run.trigger,
        "actor": run.actor,
        "started_at": timestamp(run.started_at),
        "seconds": run.seconds,
        "state": run.state,
        "revision": run.revision,
        "error": run.error,
        "created": list(run.created),
        "updated": list(run.updated),
        "deleted": list(run.deleted),
        "errors": {"fields": list(run.faults)},
        "warnings": list(run.warnings),
    }


async def list_sources(engine: Engine, tenant: str) -> Sequence[ShownSource]:
    runs = await engine.store.last_runs(tenant)
    owned = await _owned(engine, tenant)
    return [
        ShownSource(stored, owned.get(stored.name, ()), runs.get(stored.name))
        for stored in await engine.store.list_sources(tenant)
    ]


async def get_source(engine: Engine, tenant: str, name: str) -> ShownSource:
    """Raises NotFound."""
    return await _shown(engine, await engine.store.get_source(tenant, name))


async def list_runs(engine: Engine, tenant: str, name: str) -> Sequence[SyncRun]:
    """The last hundred, the newest first. Raises NotFound."""
    await engine.store.get_source(tenant, name)
    return await engine.store.list_runs(tenant, name)


async def put_git_source(engine: Engine, tenant: str, name: str, document: Any, *, actor: str) -> ShownSource:
    """Make a git source or change one; it runs soon. One that is disabled has no connectors.

    Raises DocumentInvalid with every fault, Conflict when a followed file has the name."""
    if isinstance(document, dict):
        document = {member: value for member, value in document.items() if member not in ANSWERED}
    settings = read_git_source(engine, tenant, name, document)
    stored, created = await engine.store.put_git_source(tenant, name, settings, actor=actor)
    if not settings.enabled and name in await _owned(engine, tenant):
        async with kept_run(engine, tenant, name, "manual", actor=actor) as run:
            run.result = await sync_registry(engine, tenant, name, EMPTY, actor=actor)
    return await _shown(engine, stored, created)


async def delete_source(
    engine: Engine, tenant: str, name: str, *, keep_connectors: bool, actor: str
) -> tuple[str, ...]:
    """Forget a source. Its connectors go with it or become ones made by hand; gives their permalinks.

    Raises NotFound, Conflict for a file that is followed."""
    stored = await engine.store.get_source(tenant, name)
    if stored.kind == "file" and engine.settings.registry is not None:
        raise Conflict(f"the source {name!r} is a file that is followed: remove the file")
    permalinks = await engine.store.delete_source(tenant, name, keep_connectors=keep_connectors, actor=actor)
    await engine.refresh()
    return permalinks


async def sync_source(engine: Engine, tenant: str, name: str, *, actor: str) -> SyncResult:
    """Run a git source now, whether it is due or not.

    Raises NotFound, Conflict, DocumentInvalid with every fault of its file, DestinationBlocked and
    the errors of Downstream."""
    stored = await engine.store.get_source(tenant, name)
    if stored.git is not None and not stored.git.enabled:
        raise Conflict(f"the source {name!r} is disabled", hint="enable it first")
    result = await run_git_source(engine, tenant, name, "manual", actor=actor)
    assert result is not None, "only a poll may find nothing to do"
    return result


async def apply_registry(
    engine: Engine, tenant: str, source: str, document: Any, *, actor: str, strict: bool = False
) -> SyncResult:
    """Make a source's connectors exactly those of a parsed registry file, all or nothing.

    Raises DocumentInvalid with every fault of every connector, Conflict for a git source."""
    require_source_name(source, kind="upload", follows=engine.settings.registry is not None)
    await engine.store.ensure_source(tenant, source, "upload", actor=actor)
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    async with kept_run(engine, tenant, source, "upload", actor=actor, revision=digest) as run:
        run.result = await sync_registry(engine, tenant, source, document, actor=actor, strict=strict)
    return run.result


async def preview_registry(
    engine: Engine, tenant: str, source: str, document: Any, *, strict: bool = False
) -> SyncResult:
    """What `apply_registry` would do now; nothing is stored.

    Raises DocumentInvalid with every fault of every connector, Conflict for a git source."""
    require_source_name(source, kind="upload", follows=engine.settings.registry is not None)
    for stored in await engine.store.list_sources(tenant):
        if stored.name == source and stored.kind != "upload":
            raise Conflict(f"the source {source!r} is of the kind {stored.kind}", hint="choose another name")
    return result_of(*await plan_registry(engine, tenant, source, document, strict=strict))


async def _shown(engine: Engine, stored: StoredSource, created: bool = False) -> ShownSource:
    runs = await engine.store.last_runs(stored.tenant)
    owned = await _owned(engine, stored.tenant)
    return ShownSource(stored, owned.get(stored.name, ()), runs.get(stored.name), created)


async def _owned(engine: Engine, tenant: str) -> dict[str, tuple[str, ...]]:
    owned: dict[str, tuple[str, ...]] = {}
    for connector in await engine.store.list_connectors(tenant):
        if connector.source:
            owned[connector.source] = (*owned.get(connector.source, ()), connector.permalink)
    return owned
