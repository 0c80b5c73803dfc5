"""Variables: plain-text configuration that templates read with `get_variable` (REFERENCE section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sealgate.errors import DocumentInvalid
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.services.moments import timestamp
from sealgate.services.names import require_name
from sealgate.stores.ports import StoredVariable

MAX_VALUE = 65_536
"""Characters of a value."""


@dataclass(frozen=True, slots=True)
class ShownVariable:
    stored: StoredVariable
    created: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.stored.name,
            "value": self.stored.value,
            "created_at": timestamp(self.stored.created_at),
            "updated_at": timestamp(self.stored.updated_at),
            "updated_by": self.stored.updated_by,
        }


async def list_variables(engine: Engine, tenant: str) -> Sequence[ShownVariable]:
    return [ShownVariable(stored) for stored in await engine.store.list_variables(tenant)]


async def get_variable(engine: Engine, tenant: str, name: str) -> ShownVariable:
    """Raises NotFound."""
    return ShownVariable(await engine.store.get_variable(tenant, name))


async def put_variable(engine: Engine, tenant: str, name: str, value: str, *, actor: str) -> ShownVariable:
    """Create or replace; an empty value is allowed. Raises DocumentInvalid, Conflict when a secret has
    the name."""
    require_name(name)
    if len(value) > MAX_VALUE:
        message = f"at most {MAX_VALUE} characters are allowed; this has {len(value)}"
        raise DocumentInvalid(message, fields=[Finding("value", message)])
    stored, created = await engine.store.put_variable(tenant, name, value, actor=actor)
    await engine.refresh()
    return ShownVariable(stored, created)


async def delete_variable(engine: Engine, tenant: str, name: str, *, actor: str) -> None:
    """Raises NotFound."""
    await engine.store.delete_variable(tenant, name, actor=actor)
    await engine.refresh()
