"""The two ways from an address that was judged to a connection: straight to it, or through the proxy."""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

from sealgate.egress.connection import Connection, Keeper
from sealgate.egress.identities import Identities
from sealgate.egress.proxy import Proxy
from sealgate.egress.reaching import API, PROXY, reaching
from sealgate.egress.tunnel import Tunnel, connect_head
from sealgate.message import Origin


class Route(Protocol):
    """`connect` goes to `host`, an address of the origin (its name where the proxy resolves names), until
    a time of the loop's clock; TLS verifies the origin's own name. Raises Unreached and
    UpstreamUnreachable."""

    async def connect(self, origin: Origin, host: str, keeper: Keeper, until: float) -> Connection: ...


class Direct:
    def __init__(self, identities: Identities) -> None:
        self._identities = identities

    async def connect(self, origin: Origin, host: str, keeper: Keeper, until: float) -> Connection:
        loop = asyncio.get_running_loop()
        tls = self._identities.context_for(origin)
        async with reaching(API, until):
            _, connection = await loop.create_connection(
                lambda: Connection(loop, host, keeper),
                host,
                origin.port,
                ssl=tls,
                server_hostname=origin.host if tls else None,
            )
        return connection


class ByProxy:
    """Through a tunnel for each connection, plain `http` too: what is the API's goes by the proxy, never
    to it."""

    def __init__(self, proxy: Proxy, identities: Identities) -> None:
        self._proxy = proxy
        self._identities = identities

    async def connect(self, origin: Origin, host: str, keeper: Keeper, until: float) -> Connection:
        tunnel = await self._reach_proxy(until)
        try:
            await self._open(tunnel, host, origin.port, until)
            transport = await self._tls_inside(tunnel, origin, until)
            tunnel.check()
        except BaseException:
            tunnel.transport.abort()
            raise
        # From here on no turn of the loop until the connection hears what comes.
        connection = Connection(asyncio.get_running_loop(), host, keeper, str(self._proxy))
        transport.set_protocol(connection)
        connection.connection_made(transport)
        return connection

    async def _reach_proxy(self, until: float) -> Tunnel:
        loop = asyncio.get_running_loop()
        proxy = self._proxy.origin
        tls = self._identities.context_for(proxy)
        async with reaching(PROXY, until):
            _, tunnel = await loop.create_connection(
                lambda: Tunnel(loop),
                proxy.host,
                proxy.port,
                ssl=tls,
                server_hostname=proxy.host if tls else None,
            )
        return tunnel

    async def _open(self, tunnel: Tunnel, host: str, port: int, until: float) -> None:
        tunnel.transport.write(connect_head(self._proxy, host, port))
        async with reaching(PROXY, until, "answer CONNECT"):
            failure = await tunnel.answer
        if failure is not None:
            raise failure
        tunnel.check()

    async def _tls_inside(self, tunnel: Tunnel, origin: Origin, until: float) -> asyncio.Transport:
        tls = self._identities.context_for(origin)
        if tls is None:
            return tunnel.transport
        async with reaching(API, until):
            transport = await asyncio.get_running_loop().start_tls(
                tunnel.transport, tunnel, tls, server_hostname=origin.host
            )
        return cast(asyncio.Transport, transport)
