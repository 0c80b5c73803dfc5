"""Connectors, secrets and variables that a program holds itself, instead of a data directory."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sealgate.errors import Conflict, DocumentInvalid
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.model.document import parse_json
from sealgate.secret import Secret
from sealgate.services import secrets, variables
from sealgate.services.connectors import create_connector
from sealgate.services.names import names_in
from sealgate.services.sources import apply_registry
from sealgate.settings import Settings
from sealgate.stores import store_in_memory

Document = Mapping[str, Any] | str | os.PathLike[str]
"""A parsed JSON document, or the file that it is in."""

Values = Mapping[str, str] | Callable[[str], str | None]
"""Values by name. `os.environ` and a function are asked only for the names that connectors write."""

NO_VALUES: Values = MappingProxyType({})
ACTOR = SOURCE = "python"


@dataclass(frozen=True, slots=True)
class Given:
    """What one engine in memory is filled with. `registry`: whether `document` is a registry file or a
    single connector."""

    document: Document
    registry: bool
    secrets: Values = field(repr=False)
    variables: Values = field(repr=False)
    settings: Settings

    async def start(self, tenant: str) -> tuple[Engine, tuple[Finding, ...]]:
        """An engine that has it all, and the warnings. Raises DocumentInvalid with every fault, OSError
        when the file cannot be read."""
        document = await _read(self.document)
        engine = await Engine.over(await store_in_memory(), self.settings)
        try:
            await self.supply(engine, tenant, document)
            return engine, await self._load(engine, tenant, document)
        except BaseException:
            await engine.stop()
            raise

    async def supply(self, engine: Engine, tenant: str, document: Any) -> None:
        """Store the values that the document needs and the engine does not have yet.

        Raises DocumentInvalid with every name and value that cannot be used."""

        async def put_variable(name: str, value: str) -> None:
            await variables.put_variable(engine, tenant, name, value, actor=ACTOR)

        async def put_secret(name: str, value: str) -> None:
            await secrets.put_secret(engine, tenant, name, Secret(value), actor=ACTOR)

        known = engine.tenant(tenant)
        wanted_variables = _chosen(self.variables, names_in(document, "get_variable"), known.variables)
        wanted_secrets = _chosen(self.secrets, names_in(document, "get_secret"), known.secrets)
        faults = [
            *[fault async for fault in _store("variables", wanted_variables, put_variable)],
            *[fault async for fault in _store("secrets", wanted_secrets, put_secret)],
        ]
        if faults:
            raise DocumentInvalid("some secrets or variables cannot be used", fields=faults)

    async def _load(self, engine: Engine, tenant: str, document: Any) -> tuple[Finding, ...]:
        if self.registry:
            return (await apply_registry(engine, tenant, SOURCE, document, actor=ACTOR)).warnings
        return (await create_connector(engine, tenant, document, actor=ACTOR)).warnings or ()


async def _read(document: Document) -> Any:
    if isinstance(document, Mapping):
        return document
    return parse_json(await asyncio.to_thread(Path(document).read_bytes))


def _chosen(values: Values, named: Iterable[str], known: Container[str]) -> dict[str, Any]:
    """The values to store. Of an environment only what is named: the rest is no secret of connectors,
    and would be scrubbed from every text that holds it."""
    if isinstance(values, Mapping) and values is not os.environ:
        return {name: value for name, value in values.items() if name not in known}
    look_up = values.get if isinstance(values, Mapping) else values
    found = {name: look_up(name) for name in sorted(named) if name not in known}
    return {name: value for name, value in found.items() if value is not None}


async def _store(
    kind: str, values: Mapping[str, Any], put: Callable[[str, str], Awaitable[None]]
) -> AsyncIterator[Finding]:
    """Store the values and yield what is wrong with them."""
    for name, value in values.items():
        if not isinstance(value, str):
            yield Finding(f"{kind}.{name}", f"must be text, not {type(value).__name__}")
            continue
        try:
            await put(name, value)
        except DocumentInvalid as error:
            for fault in error.fields:
                yield fault.under(f"{kind}.{name}")
        except Conflict as error:
            yield Finding(f"{kind}.{name}", error.detail)
