"""Where secrets and variables are used: by connectors, and secrets by git sources, too."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sealgate.errors import Conflict
from sealgate.execution.engine import Engine
from sealgate.execution.reads import Kind, Read
from sealgate.stores.source_ports import StoredSource


@dataclass(frozen=True, slots=True)
class ConnectorUse:
    """A place of a connector that reads it; `step` is one of a composite connector."""

    permalink: str
    path: str
    step: str | None

    def as_json(self) -> dict[str, Any]:
        return {"permalink": self.permalink, "path": self.path, "step": self.step}


@dataclass(frozen=True, slots=True)
class SourceUse:
    """A setting of a git source that names it."""

    source: str
    path: str

    def as_json(self) -> dict[str, Any]:
        return {"source": self.source, "path": self.path}


@dataclass(slots=True)
class Usage:
    """Where one name is used. `computed`: places that compute a name, which could be this one."""

    connectors: list[ConnectorUse] = field(default_factory=list)
    sources: list[SourceUse] = field(default_factory=list)
    computed: Sequence[ConnectorUse] = ()

    @property
    def used_by(self) -> tuple[str, ...]:
        """What certainly uses it: permalinks, and `source:NAME` for git sources."""
        permalinks = (use.permalink for use in self.connectors)
        sources = (f"source:{use.source}" for use in self.sources)
        return tuple(dict.fromkeys((*permalinks, *sources)))

    def as_json(self) -> dict[str, Any]:
        return {
            "connectors": [use.as_json() for use in self.connectors],
            "sources": [use.as_json() for use in self.sources],
            "computed": [use.as_json() for use in self.computed],
        }

    def require_none(self, what: str) -> None:
        """Raises Conflict with what uses it, or could."""
        computing = tuple(dict.fromkeys(use.permalink for use in self.computed))
        sentences = [f"{what} is used by {', '.join(self.used_by)}"] if self.used_by else []
        if computing:
            sentences.append(f"{', '.join(computing)} computes names, of which {what} could be one")
        if sentences:
            raise Conflict(
                "; ".join(sentences),
                params=tuple(dict.fromkeys((*self.used_by, *computing))),
                hint="change what uses it first, or delete it without this condition",
            )


@dataclass(frozen=True, slots=True)
class Usages:
    """The usage of every name of one kind."""

    names: Mapping[str, Usage]
    computed: Sequence[ConnectorUse]

    def of(self, name: str) -> Usage:
        return self.names.get(name) or Usage(computed=self.computed)


async def usage_of(engine: Engine, tenant: str, kind: Kind, name: str) -> Usage:
    """Where a name is used, as of now; whether anything has the name is not asked."""
    await engine.refresh()
    return (await usages(engine, tenant, kind)).of(name)


async def usages(engine: Engine, tenant: str, kind: Kind) -> Usages:
    """Where each name is used. What a connector reads is found out once, not for each question."""
    reads = await asyncio.to_thread(engine.tenant(tenant).reads)
    names: dict[str, Usage] = {}
    computed: list[ConnectorUse] = []
    for use, name in _of_connectors(reads, kind):
        if name is None:
            computed.append(use)
        else:
            names.setdefault(name, Usage(computed=computed)).connectors.append(use)
    if kind == "secret":
        for source in await engine.store.list_sources(tenant):
            for member, name in _named_by(source):
                usage = names.setdefault(name, Usage(computed=computed))
                usage.sources.append(SourceUse(source.name, member))
    return Usages(names, computed)


def _of_connectors(
    reads: Mapping[str, Iterable[Read]], kind: Kind
) -> Iterator[tuple[ConnectorUse, str | None]]:
    for permalink in sorted(reads):
        for read in reads[permalink]:
            if read.kind == kind:
                yield ConnectorUse(permalink, read.path, read.step), read.name


def _named_by(source: StoredSource) -> Iterator[tuple[str, str]]:
    """The settings of a git source that name a secret, and the name."""
    if source.git is not None:
        for member in ("credential", "webhook_secret"):
            name = getattr(source.git, member)
            if name is not None:
                yield member, name
