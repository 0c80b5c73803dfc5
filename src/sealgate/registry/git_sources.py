"""Run git sources: look at the branch's head, and when it is another commit, apply its registry file.

A repository that cannot be reached changes nothing; one that has lost the file takes the source's
connectors with it (REFERENCE section 13).
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NoReturn

import structlog

from sealgate.errors import Conflict, DocumentInvalid, SealgateError
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.model.document import parse_json
from sealgate.registry.git_fetch import SECONDS, Head, repository
from sealgate.registry.runs import kept_run, scrubbed_findings
from sealgate.registry.sync import EMPTY, SyncResult, sync_registry
from sealgate.stores.source_ports import GitSettings, StoredSource, Trigger

INTERVAL = 1.0
"""Seconds between two looks at which sources are due."""
LEASE_SECONDS = SECONDS + 30.0
"""How long a process that died keeps others from running its source."""

log = structlog.get_logger("sealgate.registry")


@dataclass(slots=True)
class GitSources:
    """Runs the git sources of every tenant when they are due. `run()` until cancelled."""

    engine: Engine
    _failures: dict[tuple[str, str], str] = field(default_factory=dict)
    """What was last said of a source that fails: the log says it once."""

    async def run(self) -> NoReturn:
        while True:
            await self.poll()
            await asyncio.sleep(INTERVAL)

    async def poll(self) -> None:
        """Run what is due, one after the other."""
        for source in await self.engine.store.due_sources(time.time()):
            await self._run_one(source)

    async def _run_one(self, source: StoredSource) -> None:
        trigger = source.sync_trigger or "poll"
        actor = source.sync_actor or f"registry:{source.name}"
        place = (source.tenant, source.name)
        named = {"tenant": source.tenant, "source": source.name}
        try:
            result = await run_git_source(self.engine, source.tenant, source.name, trigger, actor=actor)
        except SealgateError as error:
            detail = self.engine.scrub(source.tenant, error.detail)
            if self._failures.get(place) != detail:
                faults = scrubbed_findings(self.engine, source.tenant, error.fields)
                log.warning("git source failed, nothing was changed", **named, detail=detail, faults=faults)
            self._failures[place] = detail
            return
        self._failures.pop(place, None)
        if result is not None:
            log.info("git source synced", **named, trigger=trigger, **result.as_json())


async def run_git_source(
    engine: Engine, tenant: str, name: str, trigger: Trigger, *, actor: str
) -> SyncResult | None:
    """Run a git source now; `None` when a poll finds the commit that it knows already.

    Raises NotFound, Conflict when it is no git source or somebody runs it, DocumentInvalid with every
    fault of its file, and what `repository` raises."""
    owner = uuid.uuid4().hex
    if not await engine.store.lease_source(tenant, name, owner, LEASE_SECONDS):
        await engine.store.get_source(tenant, name)
        raise Conflict(f"the source {name!r} is being synced already", hint="ask for its runs")
    began = time.time()
    failed = False
    try:
        source = await engine.store.get_source(tenant, name)
        await engine.refresh()  # another process may have stored the credential a moment ago
        if source.git is None:
            raise Conflict(f"the source {name!r} is no git repository: its {source.kind}s bring its changes")
        if trigger == "poll" and await _is_known(engine, source, source.git):
            return None
        return await _sync(engine, source, source.git, trigger, actor)
    except SealgateError as error:
        # A file with faults is no reason to ask the server more seldom.
        failed = not isinstance(error, (DocumentInvalid, Conflict))
        raise
    finally:
        await engine.store.release_source(tenant, name, owner, began, failed=failed)


async def _is_known(engine: Engine, source: StoredSource, settings: GitSettings) -> bool:
    """Whether the branch's head is in force. What cannot be told now will be told by the run."""
    last = (await engine.store.last_runs(source.tenant)).get(source.name)
    if last is None or last.state not in ("completed", "warning") or last.started_at < source.updated_at:
        return False
    try:
        async with repository(engine, source.tenant, settings) as remote:
            return await remote.commit() == last.revision
    except SealgateError:
        return False


async def _sync(
    engine: Engine, source: StoredSource, settings: GitSettings, trigger: Trigger, actor: str
) -> SyncResult:
    async with kept_run(engine, source.tenant, source.name, trigger, actor=actor) as run:
        async with repository(engine, source.tenant, settings) as remote:
            run.revision = await remote.commit()
            head = await remote.head()
        run.revision = head.commit
        result = await sync_registry(
            engine,
            source.tenant,
            source.name,
            EMPTY if head.content is None else parse_json(head.content),
            actor=actor,
            source_revision=source.revision,
        )
        warnings = (*_missing(engine, source.tenant, settings, head), *result.warnings)
        result = replace(result, warnings=warnings)
        run.result = result
    return result


def _missing(engine: Engine, tenant: str, settings: GitSettings, head: Head) -> Iterator[Finding]:
    """What a run that ends well did without."""
    if head.content is None:
        message = f"there is no {settings.path} at the head of {settings.branch}"
        yield Finding("path", f"{message}: the source has no connectors")
    name = settings.webhook_secret
    if name is not None and name not in engine.tenant(tenant).secrets:
        message = f"there is no secret named {name!r}: no webhook can be verified"
        yield Finding("webhook_secret", message, hint="set the secret again; the branch is still polled")
