"""`sealgate tokens create|list|delete`: API tokens."""

from __future__ import annotations

from typing import Annotated

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.options import Data, Json, Tenant
from sealgate.cli.output import Output
from sealgate.cli.session import actor, with_engine
from sealgate.services import tokens
from sealgate.stores.ports import SCOPES

app = typer.Typer(help="API tokens of the data directory.", no_args_is_help=True)


@app.command("create")
def create_token(
    scope: Annotated[list[str], typer.Option("--scope", help=f"{', '.join(SCOPES)} (repeatable).")],
    name: Annotated[str, typer.Option("--name", help="What the token is for.")] = "command line",
    permalink: Annotated[
        list[str] | None, typer.Option("--permalink", help="A connector it is limited to (repeatable).")
    ] = None,
    origin: Annotated[
        list[str] | None, typer.Option("--origin", help="A page origin it is limited to (repeatable).")
    ] = None,
    expires_at: Annotated[
        str | None, typer.Option("--expires-at", help="Such as 2027-01-31T12:00:00Z; default: never.")
    ] = None,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Create a token and print it: this is the only time it is shown."""
    with Output(as_json) as out:
        created = with_engine(
            data,
            lambda engine: tokens.create_token(
                engine,
                tenant,
                name=name,
                scopes=scope,
                permalinks=permalink or (),
                origins=origin or (),
                expires_at=expires_at,
                actor=actor(),
            ),
        )
        out.answer(created.as_json(), created.text.reveal())
        if not as_json:
            out.note(f"token {created.stored.id} ({name}); keep it now, it is not shown again")


@app.command("list")
def list_tokens(as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None) -> None:
    """List tokens without their text."""
    with Output(as_json) as out:
        shown = [
            token.as_json() for token in with_engine(data, lambda engine: tokens.list_tokens(engine, tenant))
        ]
        out.table(
            {"tokens": shown},
            ("ID", "NAME", "SCOPES", "PERMALINKS", "EXPIRES", "CREATED"),
            [
                (
                    token["id"],
                    token["name"],
                    token["scopes"],
                    token["permalinks"],
                    token["expires_at"],
                    token["created_at"],
                )
                for token in shown
            ],
        )


@app.command("delete")
def delete_token(
    id: Annotated[str, typer.Argument(help="The token's id, as `tokens list` shows it.")],
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Revoke a token."""
    with Output(as_json) as out:
        with_engine(data, lambda engine: tokens.delete_token(engine, tenant, id, actor=actor()))
        out.answer({"success": True, "deleted": id}, f"deleted {id}")
