"""What `secrets usage` and `variables usage` print, and the option that heeds it."""

from __future__ import annotations

from typing import Annotated

import typer

from sealgate.cli.output import Output
from sealgate.services.usage import Usage

OnlyUnused = Annotated[
    bool, typer.Option("--unused", help="Only when nothing uses it; else end with 1 and say what does.")
]


def print_usage(out: Output, usage: Usage) -> None:
    """A line for each place."""
    rows = [(use.permalink, use.step, use.path, "") for use in usage.connectors]
    rows += [(f"source:{use.source}", None, use.path, "") for use in usage.sources]
    rows += [(use.permalink, use.step, use.path, "computes the name") for use in usage.computed]
    out.table(usage.as_json(), ("USED BY", "STEP", "PLACE", ""), rows)
