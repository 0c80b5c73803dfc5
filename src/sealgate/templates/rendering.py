"""The render that is going on: what it reads, what it may still use, what it did not find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sealgate.findings import Finding
from sealgate.templates.context import Context
from sealgate.templates.limits import SHOWN, Budget


@dataclass(slots=True)
class Render:
    """The render that the running code belongs to. `lines` says in which line a name of the `source`
    first stands."""

    context: Context
    budget: Budget
    source: str
    lines: Mapping[str, int]
    reported: set[str] = field(default_factory=set)

    def missed(self, path: str, line: int | None) -> None:
        """Record a look-up that found nothing, once."""
        if path not in self.reported:
            self.reported.add(path)
            message = f"`{path}` is not there and printed nothing"
            line = line or self.lines.get(path)
            self.context.missing.append(Finding("", message, line, expression=path))

    def known(self, name: Any) -> str | None:
        """A name as the source spells it; `None` when the template computed it: it may hold a secret."""
        return name if isinstance(name, str) and len(name) <= SHOWN and name in self.source else None


_render: ContextVar[Render] = ContextVar("render")


def current() -> Render:
    """The render that is going on."""
    return _render.get()


@contextmanager
def rendering(render: Render) -> Iterator[None]:
    """Make this the current render."""
    token = _render.set(render)
    try:
        yield
    finally:
        _render.reset(token)
