"""`sealgate registry check|sync|export`: registry files (REFERENCE section 13)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.configuration import load_settings
from sealgate.cli.inputs import json_file
from sealgate.cli.options import Data, Json, RegistryFile, Strict, Tenant
from sealgate.cli.output import Output, finding_text, write_bytes
from sealgate.cli.server import read_server
from sealgate.cli.session import actor, with_engine
from sealgate.egress import Allowance, Egress
from sealgate.errors import DocumentInvalid
from sealgate.execution.check import check_document
from sealgate.execution.compiling import World
from sealgate.findings import Finding, Findings
from sealgate.registry.changes import changes_of, changes_text
from sealgate.registry.check import check_registry
from sealgate.registry.export import registry_text
from sealgate.registry.sync import collisions_of, taken_permalinks
from sealgate.services import sources
from sealgate.services.registry import get_registry
from sealgate.settings import Settings
from sealgate.stores.content import VisibleContent, read_content

app = typer.Typer(help="Registry files.", no_args_is_help=True)


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Registry files (JSON).")],
    strict: Strict = False,
    server: Annotated[
        str | None, typer.Option("--server", help="A running server's control plane, to compare with.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="With --server or --data: show what this source would change."),
    ] = None,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Check registry files: every fault of every connector. Needs no data directory and makes none.
    With --server (and its token in SEALGATE_ADMIN_TOKEN), or a data directory that has a database,
    it also warns of secrets and variables that do not exist."""
    if server is not None and data is not None:
        raise typer.BadParameter("compares with one of --server and --data", param_hint="--data")
    if source is not None and len(files) > 1:
        raise typer.BadParameter("goes with one file", param_hint="--source")
    with Output(as_json) as out:
        settings = load_settings(data=data)
        content = asyncio.run(_visible(server, tenant, settings))
        if content is None and data is not None:
            raise typer.BadParameter("there is no database", param_hint="--data")
        if content is None and source is not None:
            raise typer.BadParameter("goes with --server or --data", param_hint="--source")
        checked = asyncio.run(_check_all(files, strict, content, source, settings))
        faults = [_named(each.file, found, files) for each in checked for found in each.findings.faults]
        warnings = [_named(each.file, found, files) for each in checked for found in each.findings.warnings]
        lines = [
            f"{each.file}: {kind}: {finding_text(finding)}"
            for each in checked
            for kind, group in (("fault", each.findings.faults), ("warning", each.findings.warnings))
            for finding in group
        ]
        lines += [f"{each.file}: {_verdict(each.findings)}" for each in checked]
        document: dict[str, Any] = {"success": not faults, "errors": {"fields": faults}, "warnings": warnings}
        for changes in (each.changes for each in checked if each.changes is not None):
            document["changes"] = changes
            lines.append(changes_text(changes))
        out.answer(document, "\n".join(lines))
        if faults:
            raise typer.Exit(1)


@app.command("sync")
def sync(
    file: RegistryFile,
    source: Annotated[str, typer.Option("--source", help="The source that owns the file's connectors.")],
    strict: Strict = False,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Make a source's connectors exactly those of a file, or change nothing and say every fault."""
    with Output(as_json) as out:
        document = json_file(file)
        result = with_engine(
            data,
            lambda engine: sources.apply_registry(
                engine, tenant, source, document, actor=actor(), strict=strict
            ),
        )
        out.answer(result.as_json(), result.summary())
        out.warn(result.warnings)


@app.command("export")
def export(
    source: Annotated[str | None, typer.Option("--source", help="Only what this source owns.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", dir_okay=False, help="File; default: standard output.")
    ] = None,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Write what is stored as a registry file that can be applied again."""
    with Output(as_json=False):
        text = registry_text(with_engine(data, lambda engine: get_registry(engine, tenant, source)))
        if output is None:
            write_bytes(text.encode())
        else:
            output.write_text(text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file, what was found in it, and what applying it would change where that can be seen."""

    file: Path
    findings: Findings
    changes: dict[str, Any] | None = None


async def _visible(server: str | None, tenant: str, settings: Settings) -> VisibleContent | None:
    """What a server has, else what the data directory that was named has; `None` when neither is there."""
    if server is not None:
        return await read_server(server, tenant, settings)
    if settings.model_fields_set.isdisjoint({"data", "database_url"}):
        return None
    return await read_content(settings, tenant)


async def _check_all(
    files: list[Path], strict: bool, content: VisibleContent | None, source: str | None, settings: Settings
) -> list[CheckedFile]:
    """Judged by this machine's settings (SEALGATE_EGRESS_ALLOW), and by what is stored already."""
    egress = Egress(allow=Allowance.parse(settings.egress_allow))
    world = World(
        refusal=egress.refusal,
        allowed_hosts=content.secrets if content else {},
        secrets=frozenset(content.secrets) if content else None,
        variables=content.variables if content else None,
        allow_literal_credentials=settings.allow_literal_credentials,
    )
    try:
        return [_check(file, world, strict, content, source) for file in files]
    finally:
        await egress.close()


def _check(
    file: Path, world: World, strict: bool, content: VisibleContent | None, source: str | None
) -> CheckedFile:
    try:
        document = json_file(file)
    except DocumentInvalid as error:
        return CheckedFile(file, Findings(faults=error.fields))
    checked = check_registry(document, lambda connector: check_document(connector, world), strict=strict)
    if content is None:
        return CheckedFile(file, checked.findings)
    if source is None:
        taken = tuple(taken_permalinks(checked.entries, content.connectors))
        return CheckedFile(file, checked.findings + Findings(warnings=taken))
    collisions = tuple(collisions_of(source, checked.entries, content.connectors))
    findings = checked.findings + Findings(faults=collisions)
    changes = None if findings.faults else changes_of(source, checked.entries, content.connectors)
    return CheckedFile(file, findings, changes)


def _named(file: Path, finding: Finding, files: list[Path]) -> dict[str, Any]:
    """With the file's name where there are several."""
    members = finding.as_json()
    return members if len(files) == 1 else {"file": str(file), **members}


def _verdict(findings: Findings) -> str:
    counts = (("fault", len(findings.faults)), ("warning", len(findings.warnings)))
    return ", ".join(f"{count or 'no'} {kind}{'' if count == 1 else 's'}" for kind, count in counts)
