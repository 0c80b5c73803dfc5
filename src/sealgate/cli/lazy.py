"""Commands whose module is imported when they are called: most of what a gateway needs takes a second to
import, and no command needs all of it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group


class Later(TyperCommand):
    """Stands in a list of commands for `module.member`: a Typer group or a command's function."""

    def __init__(self, name: str, place: str, help: str) -> None:
        super().__init__(name, help=help)
        self._place = place

    def load(self) -> Any:
        """The command itself."""
        module, _, member = self._place.rpartition(".")
        found = getattr(import_module(module), member)
        if isinstance(found, typer.Typer):
            command: Any = get_group(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command()(found)
            command = get_command(alone)
        command.name = self.name
        return command


class LazyGroup(TyperGroup):
    """A group in which some commands are `Later`. A help page lists them as they stand."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, Later) else command, rest
