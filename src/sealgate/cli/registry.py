"""`sealgate registry check|sync|export`: registry files (REFERENCE section 13)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.configuration import load_settings
from sealgate.cli.inputs import json_file
from sealgate.cli.options import Data, Json, RegistryFile, Strict, Tenant
from sealgate.cli.output import Output, finding_text, write_bytes
from sealgate.cli.session import actor, with_engine
from sealgate.egress import Allowance, Egress
from sealgate.errors import DocumentInvalid
from sealgate.execution.check import check_document
from sealgate.execution.compiling import World
from sealgate.findings import Finding, Findings
from sealgate.registry.check import check_registry
from sealgate.registry.export import registry_text
from sealgate.services import sources
from sealgate.services.registry import get_registry

app = typer.Typer(help="Registry files.", no_args_is_help=True)


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Registry files (JSON).")],
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Check registry files: every fault of every connector. Needs no data directory and makes none."""
    with Output(as_json) as out:
        checked = asyncio.run(_check_all(files, strict))
        faults = [_named(file, found, files) for file, findings in checked for found in findings.faults]
        warnings = [_named(file, found, files) for file, findings in checked for found in findings.warnings]
        lines = [
            f"{file}: {kind}: {finding_text(finding)}"
            for file, findings in checked
            for kind, group in (("fault", findings.faults), ("warning", findings.warnings))
            for finding in group
        ]
        lines += [f"{file}: {_verdict(findings)}" for file, findings in checked]
        out.answer(
            {"success": not faults, "errors": {"fields": faults}, "warnings": warnings}, "\n".join(lines)
        )
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


async def _check_all(files: list[Path], strict: bool) -> list[tuple[Path, Findings]]:
    """Judged by this machine's settings (SEALGATE_EGRESS_ALLOW), as the server would judge them."""
    settings = load_settings()
    egress = Egress(allow=Allowance.parse(settings.egress_allow))
    world = World(refusal=egress.refusal, allow_literal_credentials=settings.allow_literal_credentials)
    try:
        return [(file, _check(file, world, strict)) for file in files]
    finally:
        await egress.close()


def _check(file: Path, world: World, strict: bool) -> Findings:
    try:
        document = json_file(file)
    except DocumentInvalid as error:
        return Findings(faults=error.fields)
    return check_registry(
        document, lambda connector: check_document(connector, world), strict=strict
    ).findings


def _named(file: Path, finding: Finding, files: list[Path]) -> dict[str, Any]:
    """With the file's name where there are several."""
    members = finding.as_json()
    return members if len(files) == 1 else {"file": str(file), **members}


def _verdict(findings: Findings) -> str:
    counts = (("fault", len(findings.faults)), ("warning", len(findings.warnings)))
    return ", ".join(f"{count or 'no'} {kind}{'' if count == 1 else 's'}" for kind, count in counts)
