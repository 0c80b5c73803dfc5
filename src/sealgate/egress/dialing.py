"""How a connection comes about: a name is resolved once, each address is judged, and the connection goes
to exactly one that was allowed, by the proxy too."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

from sealgate.egress.address import Address
from sealgate.egress.allowance import Allowance
from sealgate.egress.connecting import Resolve
from sealgate.egress.connection import Connection, Keeper
from sealgate.egress.identities import Identities
from sealgate.egress.proxy import RESOLVES_SETTING, Proxy
from sealgate.egress.reaching import Unreached
from sealgate.egress.routes import ByProxy, Direct, Route
from sealgate.errors import DestinationBlocked, UpstreamUnreachable
from sealgate.message import Origin


class Dialer:
    """Opens connections. `timeout` seconds bound TCP, TLS and the proxy's part together, over all addresses
    of a name."""

    def __init__(
        self,
        allow: Allowance,
        identities: Identities,
        resolve: Resolve,
        timeout: float,
        proxy: Proxy | None,
    ) -> None:
        self._allow = allow
        self._resolve = resolve
        self._timeout = timeout
        self._proxy = proxy
        self._route: Route = ByProxy(proxy, identities) if proxy else Direct(identities)

    async def dial(self, origin: Origin, keeper: Keeper) -> Connection:
        """Raises DestinationBlocked, UpstreamUnreachable and UpstreamTimeout."""
        hosts = await self._hosts(origin)
        loop = asyncio.get_running_loop()
        end = loop.time() + self._timeout
        failure: Unreached | None = None
        for number, host in enumerate(hosts):
            # an address that does not answer leaves the others their share of the time
            share = (end - loop.time()) / (len(hosts) - number)
            try:
                return await self._route.connect(origin, host, keeper, loop.time() + share)
            except Unreached as unreached:
                failure = unreached
        assert failure is not None
        raise failure.error

    async def _hosts(self, origin: Origin) -> list[str]:
        """Where the connection may go: allowed addresses, or the name where the proxy resolves names."""
        try:
            addresses = [ip_address(origin.host)]
        except ValueError:
            if self._proxy and self._proxy.resolves:
                return [origin.host]
            addresses = await self._addresses(origin)
        return [str(address) for address in self._allowed(addresses, origin)]

    async def _addresses(self, origin: Origin) -> list[Address]:
        try:
            addresses = await self._resolve(origin.host, origin.port)
        except OSError:
            addresses = []
        if not addresses:
            raise UpstreamUnreachable(f"the API's host name does not resolve: check its spelling{self._hint}")
        return addresses

    @property
    def _hint(self) -> str:
        if self._proxy is None:
            return ""
        return f" (the egress proxy is not asked for addresses unless the operator sets {RESOLVES_SETTING})"

    def _allowed(self, addresses: list[Address], origin: Origin) -> list[Address]:
        refusals = [self._allow.address_refusal(address, origin) for address in addresses]
        allowed = [address for address, refusal in zip(addresses, refusals, strict=True) if refusal is None]
        if not allowed:
            raise DestinationBlocked(refusals[0] or "")
        return allowed
