"""The command `sealgate`: its commands put together."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer

from sealgate import __version__
from sealgate.cli.lazy import Later, LazyGroup
from sealgate.cli.options import Data, Json

LATER = (
    Later("cache", "sealgate.cli.cache.app", "Cached responses of APIs."),
    Later("config", "sealgate.cli.config.app", "Settings."),
    Later("connectors", "sealgate.cli.connectors.app", "Connectors of the data directory."),
    Later(
        "execute",
        "sealgate.cli.running.execute",
        "Run a connector and print the reply's body. Ends with 1 when the reply is an error.",
    ),
    Later("import", "sealgate.cli.imports.app", "Connectors from a curl command or an OpenAPI document."),
    Later(
        "login-link",
        "sealgate.cli.studio.login_link",
        "Print a link that signs one browser in to Studio.",
    ),
    Later("keys", "sealgate.cli.keys.app", "The operator's key, and key pairs."),
    Later("registry", "sealgate.cli.registry.app", "Registry files."),
    Later("runs", "sealgate.cli.runs.app", "The last executions of connectors."),
    Later("secrets", "sealgate.cli.secrets.app", "Secrets of the data directory."),
    Later("sources", "sealgate.cli.sources.app", "Sources of registry files."),
    Later("template", "sealgate.cli.templates.app", "Templates: try one, list functions and filters."),
    Later(
        "test",
        "sealgate.cli.running.test",
        "Run a connector, saved or not, and explain the run. Ends with 1 when it or the API fails.",
    ),
    Later("tokens", "sealgate.cli.tokens.app", "API tokens of the data directory."),
    Later("variables", "sealgate.cli.variables.app", "Variables of the data directory."),
)


class Commands(LazyGroup):
    """Every command of `sealgate`."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for command in LATER:
            self.add_command(command)


app = typer.Typer(
    cls=Commands,
    help="A connector gateway: callers run a connector, the server holds the credential.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback that shows local variables shows secrets.
    pretty_exceptions_enable=False,
)


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
    from sealgate.cli.configuration import load_settings, setting_warnings
    from sealgate.cli.output import Output
    from sealgate.web.serve import serve as serve_planes

    with Output(as_json=False) as out:
        settings = load_settings(
            data=data, listen=listen, admin_listen=admin_listen, workers=workers, registry=follow
        )
        out.warn(tuple(setting_warnings(settings)))
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
    from sealgate.cli.output import Output
    from sealgate.model.schema import connector_schema, registry_schema

    Output(as_json).document(registry_schema() if of_registry else connector_schema())
