"""Start from an example: its document with addresses of one's own, and the secrets that were given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sealgate.errors import DocumentInvalid, NotFound
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.host import UrlProblem, parse_origin, split_url
from sealgate.importing.example_files import Example, examples
from sealgate.importing.proposal import Proposal, ProposedSecret
from sealgate.secret import Secret, reveal
from sealgate.services.imports import CheckedProposal, check_proposal, free_names
from sealgate.services.secrets import MAX_VALUE

URL_MEMBERS = ("url", "token_url")


@dataclass(frozen=True, slots=True)
class Filling:
    """What a person says of an example. `origins` stand in for its placeholders, by their text; `values` are
    the secrets' values by name: one that is left out is to be set later."""

    name: str | None = None
    origins: Mapping[str, str] | None = None
    values: Mapping[str, Secret[str]] | None = None


def find_example(name: str) -> Example:
    """Raises NotFound."""
    for example in examples():
        if example.name == name:
            return example
    raise NotFound(f"there is no example {name!r}")


def known_secrets(engine: Engine, tenant: str, example: Example) -> frozenset[str]:
    """Those of its secrets that the tenant has: the connector reads them as they are."""
    return frozenset(example.secrets) & frozenset(engine.tenant(tenant).secrets)


async def propose_example(engine: Engine, tenant: str, example: Example, filling: Filling) -> CheckedProposal:
    """The example as a connector of the tenant, under a permalink that is free. Its secrets may then be sent
    to the connector's hosts only.

    Raises DocumentInvalid with every origin and value that cannot be used."""
    origins, values = filling.origins or {}, filling.values or {}
    faults = [*_origin_faults(example, origins), *_value_faults(values)]
    if faults:
        raise DocumentInvalid(f"the example {example.name!r} cannot be filled in", fields=faults)
    names = await free_names(engine, tenant)
    document: dict[str, Any] = _replaced(example.connector, origins)
    document["name"] = filling.name or example.connector["name"]
    document["permalink"] = names.permalink(document["name"])
    hosts = tuple(dict.fromkeys(_hosts(document)))
    missing = [name for name in example.secrets if name not in known_secrets(engine, tenant, example)]
    secrets = tuple(
        ProposedSecret(name, _place(document, name), example.secrets[name], values.get(name), hosts)
        for name in missing
    )
    return check_proposal(engine, tenant, Proposal(document, secrets))


def _origin_faults(example: Example, origins: Mapping[str, str]) -> Iterator[Finding]:
    for placeholder, origin in origins.items():
        if placeholder not in example.placeholders:
            yield Finding(f"origins.{placeholder}", "the example has no such address")
            continue
        try:
            parse_origin(origin)
        except UrlProblem as problem:
            yield Finding(f"origins.{placeholder}", str(problem))


def _value_faults(values: Mapping[str, Secret[str]]) -> Iterator[Finding]:
    for name, value in values.items():
        if len(reveal(value)) > MAX_VALUE:
            yield Finding(f"secrets.{name}", f"at most {MAX_VALUE} characters are allowed")


def _replaced(value: Any, origins: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(item, origins) for name, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, origins) for item in value]
    if isinstance(value, str) and origins:
        placeholders = re.compile("|".join(map(re.escape, origins)))
        return placeholders.sub(lambda found: origins[found[0]].rstrip("/"), value)
    return value


def _hosts(value: Any) -> Iterator[str]:
    """The hosts of every URL that is called."""
    if isinstance(value, list):
        for item in value:
            yield from _hosts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name in URL_MEMBERS:
                yield split_url(re.sub(r"\{\{.*?\}\}", "x", item)).origin.host
            yield from _hosts(item)


def _place(value: Any, secret: str, path: str = "") -> str:
    """The path of the first text that reads the secret; empty when there is none."""
    if isinstance(value, str):
        return path if f"get_secret('{secret}')" in value else ""
    members: Iterable[tuple[Any, Any]] = enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, dict):
        members = value.items()
    for name, item in members:
        if found := _place(item, secret, f"{path}.{name}" if path else str(name)):
            return found
    return ""
