"""How a connection comes about: a name is resolved once, each address is judged, and the connection goes
to exactly one that was allowed."""

from __future__ import annotations

import asyncio
import os
import ssl
from ipaddress import ip_address

from sealgate.egress.address import Address
from sealgate.egress.allowance import Allowance
from sealgate.egress.connecting import Resolve
from sealgate.egress.connection import Connection, Keeper
from sealgate.errors import DestinationBlocked, SealgateError, UpstreamTimeout, UpstreamUnreachable
from sealgate.message import Origin


class Dialer:
    """Opens connections. `timeout` seconds bound TCP and TLS together, over all addresses of a name."""

    def __init__(self, allow: Allowance, tls: ssl.SSLContext, resolve: Resolve, timeout: float) -> None:
        self._allow = allow
        self._tls = tls
        self._resolve = resolve
        self._timeout = timeout

    async def dial(self, origin: Origin, keeper: Keeper) -> Connection:
        """Raises DestinationBlocked, UpstreamUnreachable and UpstreamTimeout."""
        addresses = self._allowed(await self._addresses(origin), origin)
        loop = asyncio.get_running_loop()
        end = loop.time() + self._timeout
        failure: Exception | None = None
        for number, address in enumerate(addresses):
            # an address that does not answer leaves the others their share of the time
            share = (end - loop.time()) / (len(addresses) - number)
            try:
                async with asyncio.timeout(share):
                    return await self._connect(origin, address, keeper)
            except OSError as error:
                failure = error
        assert failure is not None
        raise _ours(failure) from None

    async def _addresses(self, origin: Origin) -> list[Address]:
        try:
            return [ip_address(origin.host)]
        except ValueError:
            pass
        try:
            addresses = await self._resolve(origin.host, origin.port)
        except OSError:
            addresses = []
        if not addresses:
            raise UpstreamUnreachable("the API's host name does not resolve: check its spelling")
        return addresses

    def _allowed(self, addresses: list[Address], origin: Origin) -> list[Address]:
        refusals = [self._allow.address_refusal(address, origin) for address in addresses]
        allowed = [address for address, refusal in zip(addresses, refusals, strict=True) if refusal is None]
        if not allowed:
            raise DestinationBlocked(refusals[0] or "")
        return allowed

    async def _connect(self, origin: Origin, address: Address, keeper: Keeper) -> Connection:
        loop = asyncio.get_running_loop()
        over_tls = origin.scheme == "https"
        _, connection = await loop.create_connection(
            lambda: Connection(loop, str(address), keeper),
            str(address),
            origin.port,
            ssl=self._tls if over_tls else None,
            server_hostname=origin.host if over_tls else None,
        )
        return connection


def _ours(error: Exception) -> SealgateError:
    match error:
        case ssl.SSLCertVerificationError():
            return UpstreamUnreachable(
                "the API's TLS certificate is not valid for this name or not from a known authority"
            )
        case ssl.SSLError():
            return UpstreamUnreachable("TLS with the API failed: it may not speak TLS at this port")
        case OSError(errno=int(number)):
            return UpstreamUnreachable(f"connecting to the API: {os.strerror(number)}")
        case TimeoutError():
            return UpstreamTimeout("the API did not accept the connection in time")
        case _:
            return UpstreamUnreachable("connecting to the API: it failed")
