"""What connectors were: list, read, compare, restore. A restored document is saved anew, through the
same checks as any other."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sealgate.errors import Conflict, ConnectorNotFound
from sealgate.execution.engine import Engine
from sealgate.services.connectors import ShownConnector, put_connector
from sealgate.services.moments import timestamp
from sealgate.stores.revision_ports import RevisionInfo, StoredRevision

ABSENT = object()
"""In place of a value that one of two documents does not have."""


@dataclass(frozen=True, slots=True)
class ShownRevision:
    """A revision; `document` is `None` in lists and for a deletion."""

    info: RevisionInfo
    document: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        info = self.info
        return {
            "revision": info.revision,
            "saved_at": timestamp(info.saved_at),
            "saved_by": info.saved_by,
            "source": info.source,
            "deleted": info.deleted,
        }

    def with_document(self) -> dict[str, Any]:
        return {**self.as_json(), "document": self.document}


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs between two documents. `path` is written as a finding's: `headers.0.value`."""

    path: str
    before: Any
    after: Any

    def as_json(self) -> dict[str, Any]:
        """Without `before` or `after` where there is no such value."""
        members = {"path": self.path, "before": self.before, "after": self.after}
        return {name: value for name, value in members.items() if value is not ABSENT}


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one revision to another; `text` is a unified diff of the indented JSON."""

    before: int | None
    after: int
    changes: tuple[Change, ...]
    text: str

    def as_json(self) -> dict[str, Any]:
        return {
            "before": self.before,
            "after": self.after,
            "changes": [change.as_json() for change in self.changes],
            "text": self.text,
        }


async def list_revisions(engine: Engine, tenant: str, permalink: str) -> Sequence[ShownRevision]:
    """The newest first. Raises ConnectorNotFound when nobody has, or had, the permalink."""
    return [ShownRevision(info) for info in await _history(engine, tenant, permalink)]


async def get_revision(engine: Engine, tenant: str, permalink: str, revision: int) -> ShownRevision:
    """Raises NotFound."""
    stored = await engine.store.get_revision(tenant, permalink, revision)
    return ShownRevision(stored.info, None if stored.info.deleted else stored.document)


async def compare_revisions(
    engine: Engine, tenant: str, permalink: str, revision: int, against: int | None = None
) -> Difference:
    """What changed to a revision from another one, by default from the one before it.

    Raises NotFound."""
    after = await engine.store.get_revision(tenant, permalink, revision)
    if against is None:
        history = await _history(engine, tenant, permalink)
        against = next((info.revision for info in history if info.revision < revision), None)
    before = None if against is None else await engine.store.get_revision(tenant, permalink, against)
    old, new = before.document if before else {}, after.document
    text = "\n".join(
        difflib.unified_diff(_lines(before), _lines(after), _title(before), _title(after), lineterm="")
    )
    return Difference(against, revision, tuple(changes_between(old, new)), text)


async def restore_revision(
    engine: Engine,
    tenant: str,
    permalink: str,
    revision: int,
    *,
    actor: str,
    strict: bool = False,
    if_revision: int | None = None,
) -> ShownConnector:
    """Save a revision's document anew, also when the connector has been deleted.

    Raises NotFound, and what `put_connector` raises: DocumentInvalid when it would be refused today,
    Conflict when a source owns the connector, PreconditionFailed."""
    stored = await engine.store.get_revision(tenant, permalink, revision)
    if stored.info.deleted:
        raise Conflict(
            f"revision {revision} of connector {permalink!r} is its deletion: there is nothing to restore",
            hint="restore the revision before it",
        )
    return await put_connector(
        engine, tenant, permalink, stored.document, actor=actor, strict=strict, if_revision=if_revision
    )


def changes_between(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """Every value that differs; items of lists are compared by their position."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*before, *after]):
            pair = before.get(name, ABSENT), after.get(name, ABSENT)
            yield from changes_between(*pair, f"{path}.{name}" if path else name)
    elif isinstance(before, list) and isinstance(after, list):
        for index, pair in enumerate(zip_longest(before, after, fillvalue=ABSENT)):
            yield from changes_between(*pair, f"{path}.{index}")
    elif type(before) is not type(after) or before != after:
        yield Change(path, before, after)


async def _history(engine: Engine, tenant: str, permalink: str) -> Sequence[RevisionInfo]:
    history = await engine.store.list_revisions(tenant, permalink)
    if not history:
        raise ConnectorNotFound(f"there is no connector {permalink!r} in tenant {tenant!r}, and was none")
    return history


def _lines(stored: StoredRevision | None) -> list[str]:
    if stored is None or stored.info.deleted:
        return []
    return json.dumps(stored.document, indent=2, ensure_ascii=False).split("\n")


def _title(stored: StoredRevision | None) -> str:
    return f"revision {stored.info.revision}" if stored else "nothing"
