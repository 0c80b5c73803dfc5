"""`sealgate import curl|openapi|examples`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.inputs import value_from_stdin
from sealgate.cli.options import Data, Json, Strict, Tenant
from sealgate.cli.output import Output, finding_text
from sealgate.cli.session import actor, with_engine
from sealgate.errors import NotFound
from sealgate.execution.engine import Engine
from sealgate.importing.example_files import examples
from sealgate.services import imports
from sealgate.services.imports import CheckedProposal

app = typer.Typer(help="Connectors from a curl command or an OpenAPI document.", no_args_is_help=True)
Save = Annotated[bool, typer.Option("--save", help="Store the connectors and the secrets that were found.")]
Name = Annotated[str | None, typer.Option("--name", help="What people will call the connector.")]


@app.command("curl")
def import_curl(
    name: Name = None,
    save: Save = False,
    strict: Strict = False,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Make a connector of a curl command on standard input. Nothing is saved without --save."""
    with Output(as_json) as out:
        command = value_from_stdin("curl command", hidden=False)

        async def work(engine: Engine) -> list[CheckedProposal]:
            proposed = await imports.propose_curl(engine, tenant, command, name=name)
            return await _saved(engine, tenant, [proposed], save, strict)

        (proposed,) = with_engine(data, work)
        out.answer(proposed.as_json(), _report(proposed))


@app.command("openapi")
def import_openapi(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An OpenAPI document (JSON).")],
    operation: Annotated[
        list[str] | None,
        typer.Option("--operation", help="Which one: its operationId or 'GET /path' (repeatable)."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="The API's URL, instead of the document's servers.")
    ] = None,
    save: Save = False,
    strict: Strict = False,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """List the operations of an OpenAPI document, or make a connector of each that is named."""
    with Output(as_json) as out:
        specification = asyncio.run(imports.read_openapi(file.read_bytes()))
        if not operation:
            found = [each.as_json() for each in specification.operations()]
            rows = [(each["operation"], each["method"], each["path"], each["summary"]) for each in found]
            listed = {"title": specification.title, "operations": found}
            out.table(listed, ("OPERATION", "METHOD", "PATH", "SUMMARY"), rows)
            return

        async def work(engine: Engine) -> list[CheckedProposal]:
            proposals = await imports.propose_operations(
                engine, tenant, specification, operation, base_url=base_url
            )
            return await _saved(engine, tenant, proposals, save, strict)

        proposals = with_engine(data, work)
        document = {"connectors": [proposed.as_json() for proposed in proposals]}
        out.answer(document, "\n\n".join(_report(proposed) for proposed in proposals))


@app.command("examples")
def list_examples(
    example: Annotated[str | None, typer.Argument(help="Print the document of this one.")] = None,
    as_json: Json = False,
) -> None:
    """List the examples that a connector can begin with, or print the document of one."""
    with Output(as_json) as out:
        chosen = [each for each in examples() if example in (None, each.name)]
        if not chosen:
            raise NotFound(f"there is no example {example!r}: {', '.join(each.name for each in examples())}")
        if example is not None:
            out.document(chosen[0].connector)
            return
        rows = [(each.name, each.title, list(each.secrets)) for each in chosen]
        out.table({"examples": [each.as_json() for each in chosen]}, ("NAME", "TITLE", "SECRETS"), rows)


async def _saved(
    engine: Engine, tenant: str, proposals: list[CheckedProposal], save: bool, strict: bool
) -> list[CheckedProposal]:
    if not save:
        return proposals
    return await imports.save_proposals(engine, tenant, proposals, actor=actor(), strict=strict)


def _report(proposed: CheckedProposal) -> str:
    """The document, the secrets it needs, what was left out."""
    members = proposed.as_json()
    lines = [json.dumps(proposed.proposal.document, indent=2, ensure_ascii=False), ""]
    for secret in members["secrets"]:
        state = "found" if secret["found"] else f"to be set: sealgate secrets set {secret['name']}"
        lines.append(f"secret {secret['name']} ({secret['advice']}): {state}")
    lines += [f"fault: {finding_text(fault)}" for fault in proposed.findings.faults]
    lines += [f"warning: {finding_text(warning)}" for warning in proposed.findings.warnings]
    lines.append(
        f"saved as {proposed.permalink}" if members["saved"] else "not saved: add --save to store it"
    )
    return "\n".join(lines)
