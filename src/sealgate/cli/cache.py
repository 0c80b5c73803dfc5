"""`sealgate cache purge`."""

from __future__ import annotations

from typing import Annotated

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.options import Data, Json, Tenant
from sealgate.cli.output import Output
from sealgate.cli.session import with_engine
from sealgate.services.cache import purge_cache

app = typer.Typer(help="Cached responses of APIs.", no_args_is_help=True)


@app.callback()
def _cache() -> None:
    """Keeps `purge` a command of its own while it is the only one."""


@app.command("purge")
def purge(
    permalink: Annotated[
        str | None, typer.Argument(help="One connector; default: all of the tenant.")
    ] = None,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Forget cached responses, also in running workers."""
    with Output(as_json) as out:
        purged = with_engine(data, lambda engine: purge_cache(engine, tenant, permalink))
        out.answer({"purged": purged}, f"purged {purged}")
