"""Run one command's work on an engine over the data directory."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import typer

from sealgate.cli.configuration import load_settings
from sealgate.execution.engine import Engine
from sealgate.stores import back_up_notice

Result = TypeVar("Result")


def with_engine(data: Path | None, work: Callable[[Engine], Awaitable[Result]]) -> Result:
    """Start an engine, do the work, stop it. Raises what the work raises, DocumentInvalid for settings,
    StoreUnusable."""
    settings = load_settings(data=data)

    async def run() -> Result:
        async with await Engine.start(settings) as engine:
            if engine.store.key_created:
                typer.echo(back_up_notice(settings.master_key_file), err=True)
            return await work(engine)

    return asyncio.run(run())


def actor() -> str:
    """Who is on record for a change made here."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"
