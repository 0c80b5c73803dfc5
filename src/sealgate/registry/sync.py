"""Bring a source's connectors into line with its registry file: all of it or nothing.

A connector's identity is its permalink: the same permalink is an update, a new one a new connector,
a missing one is deleted. What was made by hand or belongs to another source is never touched
(REFERENCE section 13).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sealgate.execution.engine import Engine
from sealgate.findings import Finding, Findings
from sealgate.registry.check import CheckedRegistry, Entry, check_registry
from sealgate.registry.document import RegistryFinding
from sealgate.stores.ports import ConnectorChanges, StoredConnector

EMPTY: dict[str, list[Any]] = {"connectors": []}
"""What a registry file that is gone stands for."""


@dataclass(frozen=True, slots=True)
class SyncResult:
    """The permalinks that a sync created, updated and deleted, and the file's warnings."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    deleted: tuple[str, ...]
    warnings: tuple[Finding, ...] = ()

    def summary(self) -> str:
        """For a person: a line for each kind of change."""
        counts = (("created", self.created), ("updated", self.updated), ("deleted", self.deleted))
        lines = [f"{kind}: {', '.join(names)}" for kind, names in counts if names]
        return "\n".join(lines) or "nothing to change"

    def as_json(self) -> dict[str, Any]:
        return {
            "created": list(self.created),
            "updated": list(self.updated),
            "deleted": list(self.deleted),
            "warnings": [warning.as_json() for warning in self.warnings],
        }


async def sync_registry(
    engine: Engine,
    tenant: str,
    source: str,
    document: Any,
    *,
    actor: str,
    strict: bool = False,
    source_revision: int | None = None,
) -> SyncResult:
    """Apply a parsed registry file for a source; with `source_revision` only while the source's settings
    are those of that revision.

    Raises DocumentInvalid with every fault of every connector, collisions included; Conflict."""
    changes, warnings = await plan_registry(engine, tenant, source, document, strict=strict)
    if changes.created or changes.updated or changes.deleted:
        guarded = replace(changes, source_revision=source_revision)
        await engine.store.apply_source(tenant, guarded, actor=actor)
        await engine.refresh()
    return result_of(changes, warnings)


async def plan_registry(
    engine: Engine, tenant: str, source: str, document: Any, *, strict: bool = False
) -> tuple[ConnectorChanges, tuple[Finding, ...]]:
    """What a sync would write, and the file's warnings; nothing is stored.

    Raises DocumentInvalid with every fault of every connector, collisions included."""
    checked = check_registry(document, lambda connector: engine.check(tenant, connector), strict=strict)
    stored = await engine.store.list_connectors(tenant)
    collisions = tuple(collisions_of(source, checked.entries, stored))
    CheckedRegistry(checked.entries, checked.findings + Findings(faults=collisions)).require()
    return difference(source, checked.entries, stored), checked.findings.warnings


def result_of(changes: ConnectorChanges, warnings: tuple[Finding, ...]) -> SyncResult:
    return SyncResult(
        created=tuple(permalink for permalink, _ in changes.created),
        updated=tuple(permalink for permalink, _ in changes.updated),
        deleted=changes.deleted,
        warnings=warnings,
    )


def difference(source: str, entries: Sequence[Entry], stored: Sequence[StoredConnector]) -> ConnectorChanges:
    """What must be written so that the source's connectors are exactly these entries."""
    owned = {connector.permalink: connector.document for connector in stored if connector.source == source}
    wanted = {entry.permalink: entry.document for entry in entries if entry.document is not None}
    return ConnectorChanges(
        source,
        created=tuple((name, document) for name, document in wanted.items() if name not in owned),
        updated=tuple(
            (name, document) for name, document in wanted.items() if name in owned and owned[name] != document
        ),
        deleted=tuple(name for name in owned if name not in wanted),
    )


def collisions_of(
    source: str, entries: Sequence[Entry], stored: Sequence[StoredConnector]
) -> Iterator[RegistryFinding]:
    """Permalinks of the file that belong to somebody else already."""
    others = [connector for connector in stored if connector.source != source]
    return _taken(entries, others, "give one of the two another permalink, or delete the other")


def taken_permalinks(
    entries: Sequence[Entry], stored: Sequence[StoredConnector]
) -> Iterator[RegistryFinding]:
    """Permalinks of the file that somebody has, where it is not known whose file it is."""
    return _taken(entries, stored, "only its owner may change it: name the file's source to compare with it")


def _taken(
    entries: Sequence[Entry], stored: Sequence[StoredConnector], hint: str
) -> Iterator[RegistryFinding]:
    owners = {connector.permalink: connector.source for connector in stored}
    for entry in entries:
        if entry.permalink in owners:
            owner = owners[entry.permalink]
            whose = f"belongs to the source {owner!r}" if owner else "was made by hand"
            yield RegistryFinding(
                f"{entry.path}.permalink",
                f"the connector {entry.permalink!r} exists already and {whose}",
                hint=hint,
                connector=entry.name,
            )
