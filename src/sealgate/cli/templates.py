"""`sealgate template try|reference`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.inputs import claims, pairs, text_or_file, value_from_stdin
from sealgate.cli.options import Json, Tenant
from sealgate.cli.output import Output, finding_text
from sealgate.services.playground import FIELDS, Sample, play
from sealgate.templates.reference import reference

app = typer.Typer(help="Templates: try one, list functions and filters.", no_args_is_help=True)


@app.command("try")
def try_template(
    field: Annotated[str, typer.Argument(help=f"One of {', '.join(FIELDS)}.")],
    user: Annotated[str | None, typer.Option("--user", help="Session claims as JSON, or @FILE.")] = None,
    body: Annotated[str | None, typer.Option("--body", help="The caller's body, or @FILE.")] = None,
    response_body: Annotated[
        str | None, typer.Option("--response-body", help="The API's body, or @FILE.")
    ] = None,
    response_status: Annotated[int, typer.Option("--response-status")] = 200,
    variable: Annotated[list[str] | None, typer.Option("--variable", help="name=value (repeatable).")] = None,
    path_param: Annotated[
        list[str] | None, typer.Option("--path-param", help="name=value (repeatable).")
    ] = None,
    content_type: Annotated[
        str | None, typer.Option("--content-type", help="What the output is declared to be.")
    ] = None,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
) -> None:
    """Render the template on standard input, with placeholders for secrets. Ends with 1 when it fails."""
    if field not in FIELDS:
        raise typer.BadParameter(f"one of {', '.join(FIELDS)}", param_hint="FIELD")
    with Output(as_json) as out:
        sample = Sample(
            user=claims(user),
            variables=dict(pairs(variable or (), "--variable")),
            path_params=dict(pairs(path_param or (), "--path-param")),
            body=_text(body, "--body"),
            response_body=_text(response_body, "--response-body"),
            response_status=response_status,
            content_type=content_type,
        )
        template = value_from_stdin("template", hidden=False)
        played = asyncio.run(play(tenant, template, FIELDS[field], sample))
        failed = [finding_text(fault) for fault in played.faults]
        if played.error:
            failed.append(f"{played.error['code']}: {played.error.get('detail', '')}")
        out.answer(played.as_json(), "\n".join(failed) if failed else played.output or "")
        out.warn(played.warnings)
        if failed:
            raise typer.Exit(1)


@app.command("reference")
def show_reference(as_json: Json = False) -> None:
    """List every function and filter with an example."""
    entries = [entry.as_json() for entry in reference()]
    rows = [(entry["name"], entry["explanation"], entry["example"], entry["result"]) for entry in entries]
    Output(as_json).table({"entries": entries}, ("NAME", "MEANING", "EXAMPLE", "RESULT"), rows)


def _text(value: str | None, option: str) -> str | None:
    content = text_or_file(value, option)
    return None if content is None else content.decode(errors="replace")
