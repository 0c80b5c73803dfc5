"""What one exchange met on its way, for explain."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Trace:
    """Filled also when no answer came. `address` is where the connection goes, the name where the egress
    proxy resolves names; `proxy` that proxy, without its credentials. `connect_seconds` is the time to a new
    connection (name, TCP, proxy and TLS), `None` when a kept one was used; `tls_seconds` the handshake's part
    of it, where there was one; `head_seconds` the time to the head in all."""

    address: str | None = None
    proxy: str | None = None
    reused: bool | None = None
    connect_seconds: float | None = None
    tls_seconds: float | None = None
    head_seconds: float | None = None
