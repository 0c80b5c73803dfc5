"""Follow a registry file, or a folder of them, on disk (`SEALGATE_REGISTRY`).

Each file is a source of its own, named like the file. A file that has faults leaves its last good
version in force; a file that is gone takes its connectors with it.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import structlog

from sealgate.caller import DEFAULT_TENANT
from sealgate.errors import SealgateError
from sealgate.execution.engine import Engine
from sealgate.model.document import parse_json
from sealgate.registry.runs import kept_run, scrubbed_findings
from sealgate.registry.sync import EMPTY, SyncResult, sync_registry

SUFFIX = ".json"
INTERVAL = 1.0
"""Seconds between two looks at the files."""

log = structlog.get_logger("sealgate.registry")


@dataclass(slots=True)
class Follower:
    """Keeps a tenant's connectors in line with files. `start()` once, then `run()` until cancelled."""

    engine: Engine
    path: Path
    tenant: str = DEFAULT_TENANT
    _applied: dict[str, str] = field(default_factory=dict)
    """The digest of what is in force, by source."""
    _refused: dict[str, tuple[str, int]] = field(default_factory=dict)
    """The digest of what has faults, and the store's change counter then: a collision may go away
    without a change of the file."""
    _missing: set[str] = field(default_factory=set)

    async def start(self) -> None:
        """Load every file, and delete what earlier files left behind."""
        files = await asyncio.to_thread(_digests, self.path)
        if files is None:
            log.warning("registry not found, nothing is changed", path=str(self.path))
            return
        stored = await self.engine.store.list_connectors(self.tenant)
        followed = {connector.source for connector in stored if (connector.source or "").endswith(SUFFIX)}
        self._missing = {source for source in followed if source} - set(files)
        await self.poll()

    async def run(self) -> NoReturn:
        """Look at the files every second."""
        while True:
            await asyncio.sleep(INTERVAL)
            await self.poll()

    async def poll(self) -> None:
        """One look: load what changed, delete what is gone. What goes wrong is logged; the next look
        tries again."""
        try:
            await self._look()
        except SealgateError as error:
            log.warning("registry could not be applied", detail=error.detail)
        except OSError as error:
            log.warning("registry could not be read", detail=error.strerror)

    async def _look(self) -> None:
        files = await asyncio.to_thread(_digests, self.path)
        if files is None:
            files = {} if self._is_lost_file() else dict(self._applied)
        for source, digest in files.items():
            if self._applied.get(source) != digest and not await self._known_refusal(source, digest):
                await self._load(source, digest)
        # Editors replace a file by deleting it first: gone means gone at two looks in a row.
        gone = (set(self._applied) | set(self._refused) | self._missing) - set(files)
        for source in sorted(gone & self._missing):
            await self._delete(source)
        self._missing = gone - self._missing

    def _is_lost_file(self) -> bool:
        """Whether one followed file was deleted. A folder that is not there is a mount that failed."""
        return self.path.name in self._applied

    async def _known_refusal(self, source: str, digest: str) -> bool:
        return self._refused.get(source) == (digest, await self.engine.store.change_counter())

    async def _load(self, source: str, digest: str) -> None:
        file = self.path / source if self.path.is_dir() else self.path
        content = await asyncio.to_thread(file.read_bytes)
        try:
            result = await self._sync(source, content)
        except SealgateError as error:
            self._refused[source] = (digest, await self.engine.store.change_counter())
            faults = scrubbed_findings(self.engine, self.tenant, error.fields)
            log.warning("registry file refused", source=source, detail=error.detail, faults=faults)
            return
        self._applied[source] = digest
        self._refused.pop(source, None)
        log.info("registry file loaded", source=source, **result.as_json())

    async def _delete(self, source: str) -> None:
        result = await self._sync(source, None)
        self._applied.pop(source, None)
        self._refused.pop(source, None)
        log.info("registry file is gone", source=source, deleted=list(result.deleted))

    async def _sync(self, source: str, content: bytes | None) -> SyncResult:
        """A run with the file's content; without one the file is gone."""
        actor = f"registry:{source}"
        await self.engine.store.ensure_source(self.tenant, source, "file", actor=actor)
        revision = None if content is None else hashlib.sha256(content).hexdigest()
        async with kept_run(self.engine, self.tenant, source, "file", actor=actor, revision=revision) as run:
            document = EMPTY if content is None else parse_json(content)
            run.result = await sync_registry(self.engine, self.tenant, source, document, actor=actor)
        return run.result


def _digests(path: Path) -> dict[str, str] | None:
    """The SHA-256 of each registry file by its name; `None` when the path does not exist."""
    if path.is_dir():
        files = sorted(file for file in path.glob(f"*{SUFFIX}") if file.is_file() and file.name[0] != ".")
    elif path.is_file():
        files = [path]
    else:
        return None
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
