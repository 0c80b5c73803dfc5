"""`sealgate secrets`: a value comes from standard input and is never printed."""

from __future__ import annotations

from typing import Annotated

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.inputs import value_from_stdin
from sealgate.cli.options import Data, Json, Tenant
from sealgate.cli.output import Output
from sealgate.cli.session import actor, with_engine
from sealgate.cli.usage import OnlyUnused, print_usage
from sealgate.secret import Secret
from sealgate.services import secrets
from sealgate.services.moments import timestamp

app = typer.Typer(help="Secrets of the data directory.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The name that get_secret('…') reads.")]
AllowedHosts = Annotated[
    list[str] | None,
    typer.Option(
        "--allowed-host", help="A host it may be sent to (repeatable; *.example.com: all below one)."
    ),
]
AnyHost = Annotated[bool, typer.Option("--any-host", help="Forget the list of allowed hosts.")]


@app.command("set")
def set_secret(
    name: Name,
    allowed_host: AllowedHosts = None,
    any_host: AnyHost = False,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Store a secret; its value is read from standard input."""
    if allowed_host and any_host:
        raise typer.BadParameter("cannot be given together with --allowed-host", param_hint="--any-host")
    hosts = [] if any_host else allowed_host or None
    with Output(as_json) as out:
        value = Secret(value_from_stdin(f"Value of {name}", hidden=True))
        shown = with_engine(
            data,
            lambda engine: secrets.put_secret(
                engine, tenant, name, value, allowed_hosts=hosts, actor=actor()
            ),
        )
        done = "created" if shown.created else "replaced"
        out.answer(shown.as_json(), f"{done} {name} (version {shown.info.version})")


@app.command("allowed-hosts")
def set_allowed_hosts(
    name: Name,
    allowed_host: AllowedHosts = None,
    any_host: AnyHost = False,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Change the hosts that a secret may be sent to, and not its value."""
    if bool(allowed_host) == any_host:
        raise typer.BadParameter("give either hosts or --any-host", param_hint="--allowed-host")
    with Output(as_json) as out:
        shown = with_engine(
            data,
            lambda engine: secrets.set_allowed_hosts(engine, tenant, name, allowed_host or [], actor=actor()),
        )
        hosts = ", ".join(shown.info.allowed_hosts) or "any host"
        out.answer(shown.as_json(), f"{name} may be sent to {hosts}")


@app.command("versions")
def list_versions(
    name: Name, as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None
) -> None:
    """List who gave a secret its values and its hosts, and when."""
    with Output(as_json) as out:
        history = with_engine(data, lambda engine: secrets.secret_history(engine, tenant, name))
        values = [(each.created_at, each.created_by, f"version {each.version}") for each in history.versions]
        hosts = [
            (each.changed_at, each.changed_by, f"hosts: {', '.join(each.allowed_hosts) or 'any'}")
            for each in history.host_changes
        ]
        out.table(
            history.as_json(),
            ("AT", "BY", "CHANGE"),
            [(timestamp(at), by, change) for at, by, change in sorted([*values, *hosts], reverse=True)],
        )


@app.command("list")
def list_secrets(as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None) -> None:
    """List secrets without their values."""
    with Output(as_json) as out:
        shown = [
            secret.as_json()
            for secret in with_engine(data, lambda engine: secrets.list_secrets(engine, tenant))
        ]
        out.table(
            {"secrets": shown},
            ("NAME", "BEGINS", "FINGERPRINT", "VERSION", "ALLOWED HOSTS", "USED BY", "UPDATED", "BY"),
            [
                (
                    secret["name"],
                    secret["first_character"] + "…",
                    secret["fingerprint"],
                    secret["version"],
                    secret["allowed_hosts"],
                    secret["used_by"],
                    secret["updated_at"],
                    secret["updated_by"],
                )
                for secret in shown
            ],
        )


@app.command("usage")
def show_usage(name: Name, as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None) -> None:
    """List where a secret is used, and where it could be because a name is computed."""
    with Output(as_json) as out:
        print_usage(out, with_engine(data, lambda engine: secrets.secret_usage(engine, tenant, name)))


@app.command("delete")
def delete_secret(
    name: Name,
    unused: OnlyUnused = False,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Delete a secret; connectors that name it fail from now on."""
    with Output(as_json) as out:
        with_engine(
            data,
            lambda engine: secrets.delete_secret(engine, tenant, name, actor=actor(), only_unused=unused),
        )
        out.answer({"success": True, "deleted": name}, f"deleted {name}")
