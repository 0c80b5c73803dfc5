"""How long the TLS handshake of a new connection took, measured where it happens: connections straight to
an API and through the proxy begin it at different places."""

from __future__ import annotations

import asyncio
import ssl
from time import perf_counter


class TimedHandshake(ssl.SSLObject):
    """What a context makes its connections of (`SSLContext.sslobject_class`)."""

    began: float | None = None
    seconds: float | None = None

    def do_handshake(self) -> None:
        """Called again each time that more has come, until it ends without an exception."""
        if self.began is None:
            self.began = perf_counter()
        super().do_handshake()
        self.seconds = perf_counter() - self.began


def handshake_seconds(transport: asyncio.BaseTransport) -> float | None:
    """`None` for a connection without TLS."""
    tls = transport.get_extra_info("ssl_object")
    return tls.seconds if isinstance(tls, TimedHandshake) else None
