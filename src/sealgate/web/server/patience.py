"""How long a caller may take over what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """All in seconds."""

    head: float = 30.0
    """In which the head of a request must arrive."""
    idle: float = 75.0
    """How long a connection may rest between two requests."""
    stalled: float = 60.0
    """How long a caller may take nothing of a reply, or send nothing of a body that is waited for."""
    linger: float = 2.0
    """How long a caller that still sends may go on after its reply, so that the reply reaches it before the
    connection is reset (RFC 9112 section 9.6)."""
