"""`sealgate login-link`: a one-time link into Studio."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.options import Data, Json, Tenant
from sealgate.cli.output import Output
from sealgate.cli.session import actor, with_engine
from sealgate.services.studio_sessions import STUDIO_SCOPES, create_login_link

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
DURATION = re.compile(r"([0-9]{1,6})([smhd])")


def _seconds(text: str) -> str:
    if not DURATION.fullmatch(text):
        raise typer.BadParameter(f"write a number and s, m, h or d, such as 15m, not {text!r}")
    return text


def login_link(
    name: Annotated[
        str | None, typer.Option("--name", help="Who is on record for changes; default: you.")
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help=f"{', '.join(STUDIO_SCOPES)}; repeatable, default: all."),
    ] = None,
    expires: Annotated[
        str,
        typer.Option("--expires", help="How long the link can wait, such as 15m.", callback=_seconds),
    ] = "15m",
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Print a link that signs one browser in to Studio."""
    number, unit = expires[:-1], expires[-1]
    with Output(as_json) as out:
        link = with_engine(
            data,
            lambda engine: create_login_link(
                engine,
                tenant,
                name=name or _user(),
                scopes=scope or STUDIO_SCOPES,
                seconds=int(number) * UNITS[unit],
                actor=actor(),
            ),
        )
        out.answer(link.as_json(), link.url.reveal())
        if not as_json:
            out.note(f"signs in {link.name} once, within {expires}")


def _user() -> str:
    return actor().removeprefix("cli:")
