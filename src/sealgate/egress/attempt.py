"""What one exchange met on its way: noted by the client's hooks, read for errors and for explain."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter

from sealgate.egress.outgoing import Upload
from sealgate.message import Origin


@dataclass(slots=True)
class Trace:
    """For explain, filled also when no answer came. `connect_seconds` is the time to a new connection
    (name, TCP and TLS), `None` when a kept one was used; `head_seconds` the time to the head in all."""

    address: str | None = None
    reused: bool | None = None
    connect_seconds: float | None = None
    head_seconds: float | None = None


@dataclass(slots=True)
class Attempt:
    """The exchange that the running task makes. `refused` holds why addresses were not used, `opened`
    whether a connection was tried to one that may be."""

    origin: Origin
    body: bytes | Upload | None
    refused: list[str] = field(default_factory=list)
    opened: bool = False
    began: float = field(default_factory=perf_counter)
    connected: float | None = None
    answered: float | None = None
    peer: str | None = None

    def fill(self, trace: Trace) -> None:
        """Write down how far the exchange came; nothing when there was no connection."""
        if self.connected is None:
            return
        trace.address = self.peer
        trace.reused = not self.opened
        trace.connect_seconds = self.connected - self.began if self.opened else None
        trace.head_seconds = None if self.answered is None else self.answered - self.began


current: ContextVar[Attempt] = ContextVar("attempt")
