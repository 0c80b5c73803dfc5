"""What goes wrong before a connection is there, as a sentence about the one who is being reached."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sealgate.errors import Downstream, UpstreamTimeout, UpstreamUnreachable

API = "the API"
PROXY = "the egress proxy"


class Unreached(Exception):
    """One address did not work; another may. `error` is for the caller when none does."""

    def __init__(self, error: Downstream) -> None:
        super().__init__(error.detail)
        self.error = error


@asynccontextmanager
async def reaching(party: str, until: float, doing: str = "accept the connection") -> AsyncIterator[None]:
    """Raises Unreached for failures of TCP and TLS with a party, and at `until` of the loop's clock."""
    try:
        async with asyncio.timeout_at(until):
            yield
    except OSError as error:
        raise Unreached(_sentence(error, party, doing)) from None


def tls_refusal(error: Exception | None, party: str) -> UpstreamUnreachable | None:
    """What a TLS alert of the other side means (RFC 8446 section 6.2); in TLS 1.3 it may come after the
    handshake. `None` for other errors."""
    reason = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
    _, found, alert = reason.partition("ALERT_")
    if not found:
        return None
    return UpstreamUnreachable(
        f"{party} refused TLS ({alert.lower().replace('_', ' ')}): it may want another client certificate, "
        "or one at all (SEALGATE_EGRESS_CLIENT_CERTIFICATES)"
    )


def _sentence(error: OSError, party: str, doing: str) -> Downstream:
    if refusal := tls_refusal(error, party):
        return refusal
    match error:
        case ssl.SSLCertVerificationError():
            return UpstreamUnreachable(
                f"{party}'s TLS certificate is not valid for this name or not from a known authority"
            )
        case ssl.SSLError():
            return UpstreamUnreachable(f"TLS with {party} failed: it may not speak TLS at this port")
        case socket.gaierror():
            return UpstreamUnreachable(f"{party}'s host name does not resolve: check its spelling")
        case OSError(errno=int(number)):
            return UpstreamUnreachable(f"connecting to {party}: {os.strerror(number)}")
        case TimeoutError():
            return UpstreamTimeout(f"{party} did not {doing} in time")
        case _:
            return UpstreamUnreachable(f"connecting to {party}: it failed")
