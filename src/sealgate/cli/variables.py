"""`sealgate variables set|list|usage|delete`."""

from __future__ import annotations

from typing import Annotated

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.inputs import value_from_stdin
from sealgate.cli.options import Data, Json, Tenant
from sealgate.cli.output import Output
from sealgate.cli.session import actor, with_engine
from sealgate.cli.usage import OnlyUnused, print_usage
from sealgate.services import variables

app = typer.Typer(help="Variables of the data directory.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The name that get_variable('…') reads.")]
Value = Annotated[str | None, typer.Argument(help="The value; default: read from standard input.")]


@app.command("set")
def set_variable(
    name: Name,
    value: Value = None,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Store a variable."""
    with Output(as_json) as out:
        text = value_from_stdin(f"Value of {name}", hidden=False) if value is None else value
        shown = with_engine(
            data, lambda engine: variables.put_variable(engine, tenant, name, text, actor=actor())
        )
        out.answer(shown.as_json(), f"{'created' if shown.created else 'replaced'} {name}")


@app.command("list")
def list_variables(as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None) -> None:
    """List variables with their values."""
    with Output(as_json) as out:
        shown = [
            variable.as_json()
            for variable in with_engine(data, lambda engine: variables.list_variables(engine, tenant))
        ]
        out.table(
            {"variables": shown},
            ("NAME", "VALUE", "USED BY", "UPDATED", "BY"),
            [
                (item["name"], item["value"], item["used_by"], item["updated_at"], item["updated_by"])
                for item in shown
            ],
        )


@app.command("usage")
def show_usage(name: Name, as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None) -> None:
    """List where a variable is used, and where it could be because a name is computed."""
    with Output(as_json) as out:
        print_usage(out, with_engine(data, lambda engine: variables.variable_usage(engine, tenant, name)))


@app.command("delete")
def delete_variable(
    name: Name,
    unused: OnlyUnused = False,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Delete a variable; connectors that name it fail from now on."""
    with Output(as_json) as out:
        with_engine(
            data,
            lambda engine: variables.delete_variable(engine, tenant, name, actor=actor(), only_unused=unused),
        )
        out.answer({"success": True, "deleted": name}, f"deleted {name}")
