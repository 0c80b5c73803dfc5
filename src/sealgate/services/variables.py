"""Variables: plain-text configuration that templates read with `get_variable` (REFERENCE section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sealgate.errors import DocumentInvalid
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.services.moments import timestamp
from sealgate.services.names import require_name
from sealgate.services.usage import Usage, usage_of, usages
from sealgate.stores.ports import StoredVariable

MAX_VALUE = 65_536
"""Characters of a value."""


@dataclass(frozen=True, slots=True)
class ShownVariable:
    """A variable, and where it is used."""

    stored: StoredVariable
    usage: Usage = field(default_factory=Usage)
    created: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.stored.name,
            "value": self.stored.value,
            "created_at": timestamp(self.stored.created_at),
            "updated_at": timestamp(self.stored.updated_at),
            "updated_by": self.stored.updated_by,
            "used_by": list(self.usage.used_by),
        }


async def list_variables(engine: Engine, tenant: str) -> Sequence[ShownVariable]:
    uses = await usages(engine, tenant, "variable")
    return [
        ShownVariable(stored, uses.of(stored.name)) for stored in await engine.store.list_variables(tenant)
    ]


async def get_variable(engine: Engine, tenant: str, name: str) -> ShownVariable:
    """Raises NotFound."""
    stored = await engine.store.get_variable(tenant, name)
    return ShownVariable(stored, await usage_of(engine, tenant, "variable", name))


async def variable_usage(engine: Engine, tenant: str, name: str) -> Usage:
    """Where a variable is used. Raises NotFound."""
    await engine.store.get_variable(tenant, name)
    return await usage_of(engine, tenant, "variable", name)


async def put_variable(
    engine: Engine, tenant: str, name: str, value: str, *, actor: str, create_only: bool = False
) -> ShownVariable:
    """Create or replace; an empty value is allowed. Raises DocumentInvalid, Conflict when a secret has
    the name, or when `create_only` and a variable has it."""
    require_name(name)
    if len(value) > MAX_VALUE:
        message = f"at most {MAX_VALUE} characters are allowed; this has {len(value)}"
        raise DocumentInvalid(message, fields=[Finding("value", message)])
    stored, created = await engine.store.put_variable(
        tenant, name, value, actor=actor, create_only=create_only
    )
    return ShownVariable(stored, await usage_of(engine, tenant, "variable", name), created)


async def delete_variable(
    engine: Engine, tenant: str, name: str, *, actor: str, only_unused: bool = False
) -> None:
    """Connectors that name it answer VARIABLE_NOT_FOUND from now on. Raises NotFound, and with
    `only_unused` Conflict with what uses it, or could."""
    if only_unused:
        (await variable_usage(engine, tenant, name)).require_none(f"the variable {name!r}")
    await engine.store.delete_variable(tenant, name, actor=actor)
    await engine.refresh()
