"""What is judged alike in a connector and in a step of a composite connector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sealgate.execution.compiling import Parts, World
from sealgate.execution.destinations import HostRules
from sealgate.execution.fields import NEVER_FROM_CALLERS, WRITTEN_BY_THE_CLIENT
from sealgate.findings import Finding, Findings
from sealgate.model.connector import Exchange, Row


def exchange_findings(exchange: Exchange, parts: Parts, world: World) -> Findings:
    """Rows without effect, names that do not exist, secrets that may not go where they would."""
    return Findings(
        faults=tuple(_forbidden_hosts(parts, world)),
        warnings=(
            *_overridden_rows(exchange),
            *_rows_without_effect(exchange),
            *_names_that_do_not_exist(parts, world),
            *_secrets_without_a_key_pair(parts, world),
        ),
    )


def underivable_permalink(permalink: str) -> Iterator[Finding]:
    if not permalink:
        yield Finding("permalink", "cannot be derived: `name` has no letter a-z and no digit; write one")


def _overridden_rows(exchange: Exchange) -> Iterator[Finding]:
    written = exchange.authentication.config.writes() if exchange.authentication else None
    if written is None:
        return
    placement, name = written
    rows: Sequence[Row] = exchange.headers if placement == "header" else exchange.query_parameters
    for index, row in enumerate(rows):
        if row.key.lower() == name.lower():
            path = "headers" if placement == "header" else "query_parameters"
            yield Finding(f"{path}.{index}.key", f"`authentication` writes {name} and replaces this row")


def _rows_without_effect(exchange: Exchange) -> Iterator[Finding]:
    for index, row in enumerate(exchange.headers):
        if row.key.lower() in WRITTEN_BY_THE_CLIENT:
            yield Finding(
                f"headers.{index}.key", f"{row.key} is written by the gateway; this row is not sent"
            )
        elif row.overridable and row.key.lower() in NEVER_FROM_CALLERS:
            yield Finding(
                f"headers.{index}.overridable", f"{row.key} is never taken from a caller; the row stays fixed"
            )


def _names_that_do_not_exist(parts: Parts, world: World) -> Iterator[Finding]:
    for path, references in parts.references.items():
        for function, kind, used, known in (
            ("get_secret", "secret", references.secrets, world.secrets),
            ("key_id", "secret", references.key_pairs, world.secrets),
            ("get_variable", "variable", references.variables, world.variables),
        ):
            for name in sorted(used - known) if known is not None else ():
                yield Finding(
                    path, f"there is no {kind} named {name!r} yet", expression=f"{function}('{name}')"
                )


def _secrets_without_a_key_pair(parts: Parts, world: World) -> Iterator[Finding]:
    if world.key_pairs is None or world.secrets is None:
        return
    for path, references in parts.references.items():
        for name in sorted(references.key_pairs & world.secrets - world.key_pairs):
            yield Finding(
                path,
                f"the secret {name!r} has no key pair with a key id",
                expression=f"key_id('{name}')",
                hint="generate a key pair for it, or publish its public key",
            )


def _forbidden_hosts(parts: Parts, world: World) -> Iterator[Finding]:
    api = parts.url.origin if parts.url else None
    token = parts.authentication.token_origin if parts.authentication else None
    for path, references in parts.references.items():
        destinations = (api, token) if path.startswith("authentication.") else (api,)
        for name in sorted(references.secrets):
            rules = HostRules(world.allowed_hosts.get(name, ()))
            for origin in destinations:
                if origin and not rules.allow(origin.host):
                    yield Finding(
                        path,
                        f"the secret {name!r} may not be sent to {origin.host}",
                        expression=f"get_secret('{name}')",
                        hint="add the host to the secret's allowed_hosts, or use another secret",
                    )
