"""Check a connector document and compile it: all faults and all warnings at once (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sealgate.execution.compiling import Compiler, Parts, World
from sealgate.execution.destinations import HostRules
from sealgate.execution.fields import NEVER_FROM_CALLERS, WRITTEN_BY_THE_CLIENT
from sealgate.execution.plan import Plan
from sealgate.findings import Finding, Findings
from sealgate.model.connector import Connector, Row
from sealgate.model.permalink import permalink_of
from sealgate.model.reading import read_connector


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check. `document` (normalised, permalink set) and `plan` are there when it has
    no fault."""

    findings: Findings
    document: dict[str, Any] | None = None
    plan: Plan | None = None

    @property
    def faults(self) -> tuple[Finding, ...]:
        return self.findings.faults

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return self.findings.warnings


def check_connector(document: Any, world: World) -> Checked:
    """Check a document as parsed from JSON. Never raises for what stands in it."""
    connector, findings = read_connector(document)
    if not isinstance(document, Mapping):
        return Checked(findings)
    compiler = Compiler(world)
    parts = compiler.compile(document)
    findings += compiler.findings()
    if connector is None:
        return Checked(findings)
    permalink = connector.permalink or permalink_of(connector.name)
    findings += Findings(
        faults=(
            *_underivable_permalink(permalink),
            *_unused_path_parameters(connector, parts),
            *_forbidden_hosts(parts, world),
        ),
        warnings=(
            *_undeclared_path_parameters(connector, parts),
            *_overridden_rows(connector),
            *_rows_without_effect(connector),
            *_names_that_do_not_exist(parts, world),
        ),
    )
    if findings.faults or parts.url is None or parts.authentication is None:
        return Checked(findings)
    connector = connector.with_permalink(permalink)
    plan = Plan(
        permalink=permalink,
        exchange=connector,
        url=parts.url,
        headers=parts.headers,
        query=parts.query,
        authentication=parts.authentication,
        request_body=parts.request_body,
        response_body=parts.response_body,
        path_parameters=frozenset(row.key for row in connector.path_parameters),
        forward_query=connector.forward_query,
    )
    return Checked(findings, connector.normalised(), plan)


def _underivable_permalink(permalink: str) -> Iterator[Finding]:
    if not permalink:
        yield Finding("permalink", "cannot be derived: `name` has no letter a-z and no digit; write one")


def _unused_path_parameters(connector: Connector, parts: Parts) -> Iterator[Finding]:
    for index, row in enumerate(connector.path_parameters):
        if parts.url and row.key not in parts.url.path_params:
            yield Finding(
                f"path_parameters.{index}.key",
                f"the URL does not use {row.key!r}",
                hint=f"write {{{{ pathParams.{row.key} }}}} in `url`, or delete the row",
            )


def _undeclared_path_parameters(connector: Connector, parts: Parts) -> Iterator[Finding]:
    rows = {row.key for row in connector.path_parameters}
    for name in parts.url.path_params if parts.url else ():
        if name not in rows:
            yield Finding(
                "url",
                f"pathParams.{name} has no row in `path_parameters`: a call answers CONNECTOR_MISCONFIGURED",
                expression=f"pathParams.{name}",
                hint=f'add {{"key": "{name}"}} to `path_parameters`',
            )


def _overridden_rows(connector: Connector) -> Iterator[Finding]:
    written = connector.authentication.config.writes() if connector.authentication else None
    if written is None:
        return
    placement, name = written
    rows: Sequence[Row] = connector.headers if placement == "header" else connector.query_parameters
    for index, row in enumerate(rows):
        if row.key.lower() == name.lower():
            path = "headers" if placement == "header" else "query_parameters"
            yield Finding(f"{path}.{index}.key", f"`authentication` writes {name} and replaces this row")


def _rows_without_effect(connector: Connector) -> Iterator[Finding]:
    for index, row in enumerate(connector.headers):
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
        for kind, used, known in (
            ("secret", references.secrets, world.secrets),
            ("variable", references.variables, world.variables),
        ):
            for name in sorted(used - known) if known is not None else ():
                yield Finding(
                    path, f"there is no {kind} named {name!r} yet", expression=f"get_{kind}('{name}')"
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
