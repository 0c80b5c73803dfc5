"""Secrets: values that go in and never come out again, except to the API they are for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sealgate.errors import DocumentInvalid
from sealgate.execution.check import check_document
from sealgate.execution.compiling import World
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.host import UrlProblem, normalise_host
from sealgate.secret import Secret, reveal
from sealgate.services.key_pairs import find_secret, public_half
from sealgate.services.moments import timestamp
from sealgate.services.names import name_faults
from sealgate.services.usage import Usage, usage_of, usages
from sealgate.stores.ports import HostChange, SecretInfo, SecretVersion, StoredConnector

MAX_VALUE = 65_536
"""Characters of a value."""
MOST_CHANGES = 50
"""Of the value, and of the hosts, that a history has."""


@dataclass(frozen=True, slots=True)
class ShownSecret:
    """What may be seen of a secret, and where it is used."""

    info: SecretInfo
    usage: Usage = field(default_factory=Usage)
    created: bool = False

    def as_json(self) -> dict[str, Any]:
        info = self.info
        return {
            "name": info.name,
            "first_character": info.first_character,
            "fingerprint": info.fingerprint,
            "version": info.version,
            "allowed_hosts": list(info.allowed_hosts),
            "created_at": timestamp(info.created_at),
            "updated_at": timestamp(info.updated_at),
            "updated_by": info.updated_by,
            "published": info.public is not None and info.public.published,
            "used_by": list(self.usage.used_by),
        }


@dataclass(frozen=True, slots=True)
class SecretHistory:
    """The newest `MOST_CHANGES` of the value and of the allowed hosts, each newest first."""

    versions: Sequence[SecretVersion]
    host_changes: Sequence[HostChange]

    def as_json(self) -> dict[str, Any]:
        return {
            "versions": [
                {
                    "version": each.version,
                    "created_at": timestamp(each.created_at),
                    "created_by": each.created_by,
                }
                for each in self.versions
            ],
            "host_changes": [
                {
                    "allowed_hosts": list(each.allowed_hosts),
                    "changed_at": timestamp(each.changed_at),
                    "changed_by": each.changed_by,
                }
                for each in self.host_changes
            ],
        }


async def list_secrets(engine: Engine, tenant: str) -> Sequence[ShownSecret]:
    uses = await usages(engine, tenant, "secret")
    return [ShownSecret(info, uses.of(info.name)) for info in await engine.store.list_secrets(tenant)]


async def get_secret(engine: Engine, tenant: str, name: str) -> ShownSecret:
    """Raises NotFound."""
    info = await engine.store.get_secret_info(tenant, name)
    return ShownSecret(info, await usage_of(engine, tenant, "secret", name))


async def put_secret(
    engine: Engine,
    tenant: str,
    name: str,
    value: Secret[str],
    *,
    allowed_hosts: Sequence[str] | None = None,
    create_only: bool = False,
    actor: str,
) -> ShownSecret:
    """Create a secret or give it a new value. `allowed_hosts` (`api.example.com`, `*.example.com`)
    replaces the list of hosts it may be sent to; `None` keeps the list, an empty one allows every host.

    Raises DocumentInvalid, Conflict when a variable has the name, or when `create_only` and a secret
    has it."""
    faults = [*name_faults(name), *_value_faults(value)]
    hosts, host_faults = _normalised(allowed_hosts or ())
    faults += host_faults
    if not faults and hosts:
        faults += _destination_faults(name, hosts, await engine.store.list_connectors(tenant))
    if faults:
        raise DocumentInvalid(f"the secret {name!r} was not saved", fields=faults)
    before = await find_secret(engine, tenant, name)
    info, created = await engine.store.put_secret(
        tenant,
        name,
        value,
        actor=actor,
        allowed_hosts=None if allowed_hosts is None else hosts,
        public=await asyncio.to_thread(public_half, before, value),
        create_only=create_only,
    )
    return ShownSecret(info, await usage_of(engine, tenant, "secret", name), created)


async def set_allowed_hosts(
    engine: Engine, tenant: str, name: str, allowed_hosts: Sequence[str], *, actor: str
) -> ShownSecret:
    """Change the hosts that a secret may be sent to, and not its value; an empty list allows every host.

    Raises NotFound, DocumentInvalid."""
    await engine.store.get_secret_info(tenant, name)
    hosts, faults = _normalised(allowed_hosts)
    if not faults and hosts:
        faults += _destination_faults(name, hosts, await engine.store.list_connectors(tenant))
    if faults:
        raise DocumentInvalid(f"the hosts of the secret {name!r} were not saved", fields=faults)
    info = await engine.store.set_allowed_hosts(tenant, name, hosts, actor=actor)
    return ShownSecret(info, await usage_of(engine, tenant, "secret", name))


async def secret_history(engine: Engine, tenant: str, name: str) -> SecretHistory:
    """Who gave the secret its values and its hosts, and when. Raises NotFound."""
    return SecretHistory(
        await engine.store.list_secret_versions(tenant, name, MOST_CHANGES),
        await engine.store.list_host_changes(tenant, name, MOST_CHANGES),
    )


async def secret_usage(engine: Engine, tenant: str, name: str) -> Usage:
    """Where a secret is used. Raises NotFound."""
    await engine.store.get_secret_info(tenant, name)
    return await usage_of(engine, tenant, "secret", name)


async def delete_secret(
    engine: Engine, tenant: str, name: str, *, actor: str, only_unused: bool = False
) -> None:
    """Connectors that name it answer SECRET_NOT_FOUND from now on; git sources that do say so in their
    runs. Raises NotFound, and with `only_unused` Conflict with what uses it, or could."""
    if only_unused:
        (await secret_usage(engine, tenant, name)).require_none(f"the secret {name!r}")
    await engine.store.delete_secret(tenant, name, actor=actor)
    await engine.refresh()


def _value_faults(value: Secret[str]) -> Iterator[Finding]:
    text = reveal(value)
    if not text:
        yield Finding("value", "must not be empty")
    if len(text) > MAX_VALUE:
        yield Finding("value", f"at most {MAX_VALUE} characters are allowed; this has {len(text)}")


def _normalised(hosts: Sequence[str]) -> tuple[tuple[str, ...], list[Finding]]:
    normal: list[str] = []
    faults: list[Finding] = []
    for index, host in enumerate(hosts):
        wildcard = "*." if host.startswith("*.") else ""
        try:
            normal.append(wildcard + normalise_host(host.removeprefix(wildcard)))
        except UrlProblem as problem:
            faults.append(Finding(f"allowed_hosts.{index}", str(problem)))
    return tuple(dict.fromkeys(normal)), faults


def _destination_faults(
    name: str, hosts: tuple[str, ...], connectors: Sequence[StoredConnector]
) -> Iterator[Finding]:
    """The connectors that send this secret where it may not go any more."""
    for connector in connectors:
        if name.encode() not in connector.text:
            continue
        tolerated = set(_faults(connector, {}))
        for fault in _faults(connector, {name: hosts}):
            if fault not in tolerated:
                yield Finding(
                    "allowed_hosts",
                    f"the connector {connector.permalink!r} uses it at `{fault.path}`: {fault.message}",
                    hint="add the host here, or change the connector first",
                )


def _faults(connector: StoredConnector, allowed_hosts: Mapping[str, tuple[str, ...]]) -> tuple[Finding, ...]:
    world = World(refusal=lambda _: None, allowed_hosts=allowed_hosts)
    return check_document(connector.document, world).faults
