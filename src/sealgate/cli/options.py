"""The options that every command has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sealgate.errors import NotFound
from sealgate.services.tenants import require_tenant

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def _tenant(name: str) -> str:
    try:
        require_tenant(name)
    except NotFound as error:
        raise typer.BadParameter(error.detail) from None
    return name


Tenant = Annotated[str, typer.Option("--tenant", help="The tenant to work on.", callback=_tenant)]
Data = Annotated[
    Path | None, typer.Option("--data", help="Data directory; default: SEALGATE_DATA.", file_okay=False)
]
Strict = Annotated[bool, typer.Option("--strict", help="Take warnings for faults.")]
RegistryFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A registry file (JSON).")]
