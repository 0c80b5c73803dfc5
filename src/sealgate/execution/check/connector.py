"""Check one connector document (REFERENCE sections 2 and 6.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sealgate.execution.check.exchange import exchange_findings, underivable_permalink
from sealgate.execution.check.outcome import Checked
from sealgate.execution.compiling import Compiler, Parts, World
from sealgate.execution.plan import Plan
from sealgate.findings import Finding, Findings
from sealgate.model.connector import Connector
from sealgate.model.permalink import permalink_of
from sealgate.model.reading import read_connector


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
    findings += exchange_findings(connector, parts, world) + Findings(
        faults=(*underivable_permalink(permalink), *_unused_path_parameters(connector, parts)),
        warnings=tuple(_undeclared_path_parameters(connector, parts)),
    )
    if findings.faults or parts.url is None or parts.authentication is None:
        return Checked(findings)
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
    return Checked(findings, connector.with_permalink(permalink).normalised(), plan)


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
