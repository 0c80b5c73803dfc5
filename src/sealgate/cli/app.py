"""The command `sealgate`: its commands put together."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from sealgate import __version__
from sealgate.cli import cache, config, connectors, registry, running, secrets, sources, tokens, variables
from sealgate.cli.configuration import load_settings
from sealgate.cli.options import Data, Json
from sealgate.cli.output import Output
from sealgate.cli.session import with_engine
from sealgate.model.schema import connector_schema, registry_schema
from sealgate.stores import rotate_key_file

app = typer.Typer(
    help="A connector gateway: callers run a connector, the server holds the credential.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback that shows local variables shows secrets.
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="The operator's key.", no_args_is_help=True)
for name, group in (
    ("config", config.app),
    ("connectors", connectors.app),
    ("cache", cache.app),
    ("keys", keys),
    ("registry", registry.app),
    ("secrets", secrets.app),
    ("sources", sources.app),
    ("tokens", tokens.app),
    ("variables", variables.app),
):
    app.add_typer(group, name=name)
app.command("execute")(running.execute)
app.command("test")(running.test)


def main() -> None:
    """The entry point of the installed command."""
    # What a command says on standard output is its result alone.
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )
    app()


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def serve(
    listen: Annotated[str | None, typer.Option("--listen", help="Address of the data plane.")] = None,
    admin_listen: Annotated[
        str | None, typer.Option("--admin-listen", help="Address of the control plane.")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Data-plane worker processes.")] = None,
    follow: Annotated[
        Path | None, typer.Option("--registry", help="A registry file or folder to follow.")
    ] = None,
    data: Data = None,
) -> None:
    """Serve the data plane and the control plane until SIGTERM."""
    from sealgate.web.serve import serve as serve_planes

    with Output(as_json=False):
        settings = load_settings(
            data=data, listen=listen, admin_listen=admin_listen, workers=workers, registry=follow
        )
        raise typer.Exit(serve_planes(settings))


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End after the table; 0 only when all is right.")
    ] = False,
) -> None:
    """Start everything with a demo API and an OAuth server, and show every authentication type at work."""
    try:
        from sealgate.cli.demo import run
    except ModuleNotFoundError as error:
        typer.echo(f"the demo needs the package {error.name}: pip install 'sealgate[demo]'", err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(run(once))


@app.command()
def schema(
    of_registry: Annotated[bool, typer.Option("--registry", help="Of a whole registry file.")] = False,
    as_json: Json = False,
) -> None:
    """Print the JSON Schema of a connector document."""
    Output(as_json).document(registry_schema() if of_registry else connector_schema())


@keys.command("rotate")
def rotate(as_json: Json = False, data: Data = None) -> None:
    """Make a new operator's key and seal everything under it, while servers run."""
    with Output(as_json) as out:
        path = load_settings(data=data).master_key_file
        with_engine(data, lambda engine: rotate_key_file(engine.store, engine.settings))
        out.answer(
            {"success": True, "key_file": str(path)}, f"the new key is in {path}: make a backup of it now"
        )
