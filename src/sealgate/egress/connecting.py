"""What a connection needs before it is made: the addresses of a name, and whom TLS believes."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from pathlib import Path

from sealgate.egress.address import Address
from sealgate.egress.handshake import TimedHandshake

Resolve = Callable[[str, int], Awaitable[list[Address]]]
"""A name and a port to every address of the name. Raises OSError when it has none."""


async def resolve_by_system(host: str, port: int) -> list[Address]:
    """Every address of a name, by the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(sockaddr[0]) for *_, sockaddr in found))


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Verifies names against the system's authorities and those in `ca_file`. Raises ValueError when
    the file cannot be read."""
    context = ssl.create_default_context()
    context.sslobject_class = TimedHandshake
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"SEALGATE_EGRESS_CA_FILE: {ca_file} cannot be read as PEM ({error})") from None
    context.set_alpn_protocols(["http/1.1"])
    return context
