"""`sealgate connectors list|show|snippets|delete|history|diff|restore`."""

from __future__ import annotations

from typing import Annotated

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.options import Data, Json, Strict, Tenant
from sealgate.cli.output import Output
from sealgate.cli.session import actor, with_engine
from sealgate.services import connectors, revisions
from sealgate.services.snippets import snippets_of

app = typer.Typer(help="Connectors of the data directory.", no_args_is_help=True)
Permalink = Annotated[str, typer.Argument(help="The connector's permalink.")]
Revision = Annotated[int, typer.Argument(help="The number of a revision, as `history` lists it.")]
Against = Annotated[
    int | None, typer.Option("--against", help="The revision to compare with; default: the one before.")
]


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


@app.command("snippets")
def show_snippets(
    permalink: Permalink,
    gateway: Annotated[
        str | None, typer.Option("--gateway", help="The data plane's URL as callers see it.")
    ] = None,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Print how to call a connector from a page, a shell and Python."""
    with Output(as_json) as out:
        found = with_engine(data, lambda engine: snippets_of(engine, tenant, permalink, gateway))
        text = "\n\n".join(f"# {snippet.title}\n{snippet.text}" for snippet in found)
        out.answer({"snippets": [snippet.as_json() for snippet in found]}, text)


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


@app.command("history")
def list_revisions(
    permalink: Permalink, as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None
) -> None:
    """List what a connector was, the newest first; a deleted one's for thirty days."""
    with Output(as_json) as out:
        shown = [
            revision.as_json()
            for revision in with_engine(
                data, lambda engine: revisions.list_revisions(engine, tenant, permalink)
            )
        ]
        out.table(
            {"revisions": shown},
            ("REVISION", "SAVED", "BY", "SOURCE", ""),
            [
                (
                    revision["revision"],
                    revision["saved_at"],
                    revision["saved_by"],
                    revision["source"],
                    "deleted" if revision["deleted"] else "",
                )
                for revision in shown
            ],
        )


@app.command("diff")
def compare_revisions(
    permalink: Permalink,
    revision: Revision,
    against: Against = None,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Print what changed to a revision."""
    with Output(as_json) as out:
        difference = with_engine(
            data,
            lambda engine: revisions.compare_revisions(engine, tenant, permalink, revision, against),
        )
        out.answer(difference.as_json(), difference.text or "no difference")


@app.command("restore")
def restore_revision(
    permalink: Permalink,
    revision: Revision,
    strict: Strict = False,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Save a revision anew, also when the connector has been deleted."""
    with Output(as_json) as out:
        shown = with_engine(
            data,
            lambda engine: revisions.restore_revision(
                engine, tenant, permalink, revision, actor=actor(), strict=strict
            ),
        )
        out.answer(
            shown.as_json(), f"restored {permalink}: revision {revision} is now {shown.stored.revision}"
        )
        out.warn(shown.warnings or ())
