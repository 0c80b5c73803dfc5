"""`sealgate config check`: the effective settings without secrets, or every fault in them."""

from __future__ import annotations

import typer

from sealgate.cli.configuration import load_settings, setting_warnings, shown_settings
from sealgate.cli.options import Data, Json
from sealgate.cli.output import Output

app = typer.Typer(help="Settings.", no_args_is_help=True)


@app.command("check")
def check(as_json: Json = False, data: Data = None) -> None:
    """Print the effective settings, or say everything that is wrong with them."""
    with Output(as_json) as out:
        loaded = load_settings(data=data)
        warnings = tuple(setting_warnings(loaded))
        settings = shown_settings(loaded)
        text = "\n".join(f"{name}={_text(value)}" for name, value in settings.items())
        answer = {
            "success": True,
            "settings": settings,
            "warnings": [warning.as_json() for warning in warnings],
        }
        out.answer(answer, text)
        out.warn(warnings)


def _text(value: object) -> str:
    """As the environment would carry it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, list) else str(value)
