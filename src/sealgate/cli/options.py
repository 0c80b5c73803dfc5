"""The options that every command has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Tenant = Annotated[str, typer.Option("--tenant", help="The tenant to work on.")]
Data = Annotated[
    Path | None, typer.Option("--data", help="Data directory; default: SEALGATE_DATA.", file_okay=False)
]
Strict = Annotated[bool, typer.Option("--strict", help="Take warnings for faults.")]
RegistryFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A registry file (JSON).")]
