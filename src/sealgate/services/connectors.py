"""Connectors made by hand: list, read, create, replace, delete.

A document is checked before it is saved: a fault refuses it, a warning goes along with the answer;
`strict` makes warnings faults. What a registry source owns is read-only here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sealgate.errors import DocumentInvalid
from sealgate.execution.check import Checked
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.model.composite import is_composite
from sealgate.services.moments import timestamp
from sealgate.stores.ports import StoredConnector

ANSWERED = frozenset({"revision", "source", "created_at", "updated_at", "updated_by", "warnings"})
"""Members that an answer adds to a document; a document that was read, edited and sent back has them."""


@dataclass(frozen=True, slots=True)
class ShownConnector:
    """A stored connector, and the warnings of its check when one was made."""

    stored: StoredConnector
    warnings: tuple[Finding, ...] | None = None
    created: bool = False

    def as_json(self) -> dict[str, Any]:
        stored = self.stored
        members = {
            **stored.document,
            "permalink": stored.permalink,
            "revision": stored.revision,
            "source": stored.source,
            "created_at": timestamp(stored.created_at),
            "updated_at": timestamp(stored.updated_at),
            "updated_by": stored.updated_by,
        }
        if self.warnings is not None:
            members["warnings"] = [warning.as_json() for warning in self.warnings]
        return members


def method_of(document: Mapping[str, Any]) -> str:
    """The method that callers of a document use: POST for a composite connector (REFERENCE section 12)."""
    return "POST" if is_composite(document) else str(document["method"])


def destination_of(document: Mapping[str, Any]) -> str:
    """Where it leads, in a line: its URL, or the names of its steps."""
    if is_composite(document):
        return " → ".join(step["name"] for step in document["steps"])
    return str(document["url"])


async def list_connectors(engine: Engine, tenant: str) -> Sequence[ShownConnector]:
    """All connectors, without their warnings: a list must not compile every document."""
    return [ShownConnector(stored) for stored in await engine.store.list_connectors(tenant)]


async def get_connector(engine: Engine, tenant: str, permalink: str) -> ShownConnector:
    """Raises ConnectorNotFound."""
    stored = await engine.store.get_connector(tenant, permalink)
    return ShownConnector(stored, engine.check(tenant, stored.document).warnings)


async def create_connector(
    engine: Engine, tenant: str, document: Any, *, actor: str, strict: bool = False
) -> ShownConnector:
    """Save a new connector; its permalink is derived from its name when the document has none.

    Raises DocumentInvalid with every fault, Conflict when the permalink is taken."""
    checked = _accepted(engine, tenant, document, strict)
    return await _save(engine, tenant, checked, actor=actor, create_only=True)


async def put_connector(
    engine: Engine,
    tenant: str,
    permalink: str,
    document: Any,
    *,
    actor: str,
    strict: bool = False,
    if_revision: int | None = None,
) -> ShownConnector:
    """Create or replace the connector of this permalink.

    Raises DocumentInvalid, Conflict when a source owns it, PreconditionFailed when `if_revision` is
    not its revision."""
    renamed: tuple[Finding, ...] = ()
    if isinstance(document, Mapping):
        renamed = tuple(_renaming(document.get("permalink"), permalink))
        document = {**document, "permalink": permalink}
    checked = _accepted(engine, tenant, document, strict, renamed)
    return await _save(engine, tenant, checked, actor=actor, if_revision=if_revision)


async def delete_connector(
    engine: Engine, tenant: str, permalink: str, *, actor: str, if_revision: int | None = None
) -> None:
    """Raises ConnectorNotFound, Conflict when a source owns it, PreconditionFailed."""
    await engine.store.delete_connector(tenant, permalink, actor=actor, if_revision=if_revision)
    await engine.refresh()


def _renaming(written: Any, permalink: str) -> Iterator[Finding]:
    if written not in (None, permalink):
        yield Finding(
            "permalink",
            f"is {written!r} here and {permalink!r} in the address; a permalink cannot be changed",
            hint="create a connector with the new permalink and delete this one",
        )


def _accepted(
    engine: Engine, tenant: str, document: Any, strict: bool, faults: tuple[Finding, ...] = ()
) -> Checked:
    if isinstance(document, Mapping):
        document = {name: value for name, value in document.items() if name not in ANSWERED}
    checked = engine.check(tenant, document)
    faults += (checked.findings.strict() if strict else checked.findings).faults
    if faults:
        count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        raise DocumentInvalid(f"the connector has {count} and was not saved", fields=faults)
    return checked


async def _save(
    engine: Engine,
    tenant: str,
    checked: Checked,
    *,
    actor: str,
    create_only: bool = False,
    if_revision: int | None = None,
) -> ShownConnector:
    document = checked.document
    assert document is not None, "a document without faults is normalised"
    stored, created = await engine.store.put_connector(
        tenant,
        document["permalink"],
        document,
        actor=actor,
        create_only=create_only,
        if_revision=if_revision,
    )
    await engine.refresh()
    return ShownConnector(stored, checked.warnings, created)
