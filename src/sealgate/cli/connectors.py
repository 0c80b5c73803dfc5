"""`sealgate connectors list|show|delete`."""

from __future__ import annotations

from typing import Annotated

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.options import Data, Json, Tenant
from sealgate.cli.output import Output
from sealgate.cli.session import actor, with_engine
from sealgate.services import connectors

app = typer.Typer(help="Connectors of the data directory.", no_args_is_help=True)
Permalink = Annotated[str, typer.Argument(help="The connector's permalink.")]


@app.command("list")
def list_connectors(as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None) -> None:
    """List connectors."""
    with Output(as_json) as out:
        shown = with_engine(data, lambda engine: connectors.list_connectors(engine, tenant))
        documents = [connector.as_json() for connector in shown]
        out.table(
            {"connectors": documents},
            ("PERMALINK", "METHOD", "URL OR STEPS", "SOURCE", "UPDATED"),
            [
                (
                    document["permalink"],
                    connectors.method_of(document),
                    connectors.destination_of(document),
                    document["source"],
                    document["updated_at"],
                )
                for document in documents
            ],
        )


@app.command("show")
def show_connector(
    permalink: Permalink, as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None
) -> None:
    """Print a connector's document."""
    with Output(as_json) as out:
        shown = with_engine(data, lambda engine: connectors.get_connector(engine, tenant, permalink))
        out.document(shown.as_json())
        out.warn(shown.warnings or ())


@app.command("delete")
def delete_connector(
    permalink: Permalink, as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None
) -> None:
    """Delete a connector that was made by hand."""
    with Output(as_json) as out:
        with_engine(
            data, lambda engine: connectors.delete_connector(engine, tenant, permalink, actor=actor())
        )
        out.answer({"success": True, "deleted": permalink}, f"deleted {permalink}")
