"""`sealgate sources list|show|set|sync|runs|delete`: where registry files come from."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.inputs import text_or_file
from sealgate.cli.options import Data, Json, Tenant
from sealgate.cli.output import Output
from sealgate.cli.session import actor, with_engine
from sealgate.services import sources

app = typer.Typer(help="Sources of registry files.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The source's name.")]


@app.command("list")
def list_sources(as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None) -> None:
    """List sources, each with its newest run."""
    with Output(as_json) as out:
        shown = with_engine(data, lambda engine: sources.list_sources(engine, tenant))
        documents = [source.as_json() for source in shown]
        out.table(
            {"sources": documents},
            ("NAME", "KIND", "URL", "CONNECTORS", "LAST RUN", "STATE"),
            [
                (
                    each["name"],
                    each["kind"],
                    each.get("url"),
                    len(each["connectors"]),
                    *((each["last_run"] or {}).get(member) for member in ("started_at", "state")),
                )
                for each in documents
            ],
        )


@app.command("show")
def show_source(
    name: Name, as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None
) -> None:
    """Print a source's settings and its newest run."""
    with Output(as_json) as out:
        shown = with_engine(data, lambda engine: sources.get_source(engine, tenant, name))
        out.document(shown.as_json())


@app.command("set")
def set_source(
    name: Name,
    url: Annotated[str, typer.Option("--url", help="https://…, ssh://… or user@host:path.")],
    branch: Annotated[str | None, typer.Option("--branch", help="Default: main.")] = None,
    path: Annotated[str | None, typer.Option("--path", help="The registry file in the repository.")] = None,
    poll_seconds: Annotated[int | None, typer.Option("--poll-seconds", help="Default: 60.")] = None,
    username: Annotated[str | None, typer.Option("--username", help="Beside a password or token.")] = None,
    credential: Annotated[
        str | None, typer.Option("--credential", help="Secret that holds the token or private key.")
    ] = None,
    host_key: Annotated[
        str | None,
        typer.Option("--host-key", help="The ssh server's key, or @FILE, as ssh-keyscan prints it."),
    ] = None,
    webhook_secret: Annotated[
        str | None, typer.Option("--webhook-secret", help="Secret that webhooks are signed with.")
    ] = None,
    enabled: Annotated[bool, typer.Option("--enabled/--disabled", help="Disabled: no connectors.")] = True,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Make a git source, or replace its settings. A running server runs it soon."""
    with Output(as_json) as out:
        key = text_or_file(host_key, "--host-key")
        document: dict[str, Any] = {
            "url": url,
            "branch": branch,
            "path": path,
            "poll_seconds": poll_seconds,
            "username": username,
            "credential": credential,
            "host_key": key.decode("utf-8", "replace") if key else None,
            "webhook_secret": webhook_secret,
            "enabled": enabled,
        }
        shown = with_engine(
            data, lambda engine: sources.put_git_source(engine, tenant, name, document, actor=actor())
        )
        out.answer(shown.as_json(), f"{'created' if shown.created else 'changed'} {name}")


@app.command("sync")
def sync_source(
    name: Name, as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None
) -> None:
    """Run a git source now."""
    with Output(as_json) as out:
        result = with_engine(data, lambda engine: sources.sync_source(engine, tenant, name, actor=actor()))
        out.answer(result.as_json(), result.summary())
        out.warn(result.warnings)


@app.command("runs")
def list_runs(name: Name, as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None) -> None:
    """List a source's last runs, the newest first."""
    with Output(as_json) as out:
        runs = with_engine(data, lambda engine: sources.list_runs(engine, tenant, name))
        documents = [sources.run_as_json(run) for run in runs]
        columns = ("started_at", "trigger", "state", "revision", "created", "updated", "deleted", "error")
        out.table(
            {"runs": documents},
            [column.upper() for column in columns],
            [[each[column] for column in columns] for each in documents],
        )


@app.command("delete")
def delete_source(
    name: Name,
    keep_connectors: Annotated[
        bool, typer.Option("--keep-connectors", help="They become connectors made by hand.")
    ] = False,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Delete a source and its connectors."""
    with Output(as_json) as out:
        permalinks = with_engine(
            data,
            lambda engine: sources.delete_source(
                engine, tenant, name, keep_connectors=keep_connectors, actor=actor()
            ),
        )
        done = "kept" if keep_connectors else "deleted"
        document = {"name": name, "deleted": [], "kept": [], done: list(permalinks)}
        out.answer(document, f"deleted {name}; {done}: {', '.join(permalinks) or 'no connectors'}")
