"""`sealgate runs list|show|capture`: the last executions of connectors."""

from __future__ import annotations

from typing import Annotated

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.options import Data, Json, Tenant
from sealgate.cli.output import Output
from sealgate.cli.session import actor, with_engine
from sealgate.services import captures, runs

app = typer.Typer(help="The last executions of connectors.", no_args_is_help=True)


@app.command("list")
def list_runs(
    connector: Annotated[str | None, typer.Option("--connector", help="A connector's permalink.")] = None,
    status: Annotated[str | None, typer.Option("--status", help="Such as 404, or 4xx.")] = None,
    outcome: Annotated[str | None, typer.Option("--outcome", help="succeeded, failed or refused.")] = None,
    code: Annotated[str | None, typer.Option("--code", help="An error code.")] = None,
    user: Annotated[str | None, typer.Option("--user", help="A user's id, or a token's name.")] = None,
    request_id: Annotated[str | None, typer.Option("--request-id", help="X-Request-ID.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Such as 2027-01-31T12:00:00Z.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="The same.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="How many at most.")] = 50,
    cursor: Annotated[str | None, typer.Option("--cursor", help="`next` of the page before.")] = None,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """List runs, the newest first."""
    with Output(as_json) as out:
        given = {
            "connector": connector,
            "status": status,
            "outcome": outcome,
            "code": code,
            "user": user,
            "request_id": request_id,
            "since": since,
            "until": until,
        }
        wanted = runs.read_filter(given)
        page = with_engine(
            data, lambda engine: runs.list_runs(engine, tenant, wanted, limit=limit, cursor=cursor)
        ).as_json()
        columns = ("at", "connector", "method", "status", "code", "total_ms", "request_id")
        out.table(
            page,
            ("AT", "CONNECTOR", "METHOD", "STATUS", "CODE", "MS", "REQUEST ID"),
            [[run[column] for column in columns] for run in page["runs"]],
        )
        if page["next"] and not as_json:
            out.note(f"more with --cursor {page['next']}")


@app.command("show")
def show_run(
    request_id: Annotated[str, typer.Argument(help="X-Request-ID of the reply.")],
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Print one run, explained."""
    with Output(as_json) as out:
        shown = with_engine(data, lambda engine: runs.get_run(engine, tenant, request_id, with_bodies=True))
        out.document(shown.as_json())


@app.command("capture")
def capture(
    permalink: Annotated[str, typer.Argument(help="The connector's permalink.")],
    minutes: Annotated[int, typer.Option("--minutes", help="For how long, at most 60.")] = 15,
    off: Annotated[bool, typer.Option("--off", help="Keep no more bodies.")] = False,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Keep the bodies of a connector's calls with its runs, for some minutes."""
    with Output(as_json) as out:
        if off:
            with_engine(data, lambda engine: captures.end_capture(engine, tenant, permalink, actor=actor()))
            out.answer({"connector": permalink, "until": None}, f"no more bodies of {permalink} are captured")
            return
        shown = with_engine(
            data, lambda engine: captures.capture_bodies(engine, tenant, permalink, minutes, actor=actor())
        ).as_json()
        out.answer(shown, f"bodies of {permalink} are captured until {shown['until']}")
