"""`sealgate import curl|openapi|examples`."""

from __future__ import annotations

import json
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
