"""What one exchange met on its way, for explain."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Trace:
    """Filled also when no answer came. `connect_seconds` is the time to a new connection (name, TCP and
    TLS), `None` when a kept one was used; `head_seconds` the time to the head in all."""

    address: str | None = None
    reused: bool | None = None
    connect_seconds: float | None = None
    head_seconds: float | None = None
