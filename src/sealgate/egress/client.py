"""The one HTTP client: it sends requests byte for byte, to checked addresses, and follows nowhere.

`outgoing` makes the bytes of a request, `pool` finds a connection or has `dialing` open one, `exchange`
waits for what `connection` and `parsing` make of the reply, `coding` undoes its content codings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from types import MappingProxyType

from sealgate.egress.allowance import Allowance
from sealgate.egress.certificates import ClientCertificate
from sealgate.egress.coding import check_codings, codings_of, decoded
from sealgate.egress.connecting import Resolve, resolve_by_system
from sealgate.egress.connection import Connection
from sealgate.egress.dialing import Dialer
from sealgate.egress.exchange import Exchange, Silent
from sealgate.egress.identities import Identities
from sealgate.egress.outgoing import body_of, head_of, may_repeat
from sealgate.egress.pool import MAX_CONNECTIONS, MAX_PER_ORIGIN, Pools
from sealgate.egress.proxy import Proxy
from sealgate.egress.trace import Trace
from sealgate.errors import (
    DestinationBlocked,
    Downstream,
    UpstreamProtocolError,
    UpstreamResponseTooLarge,
    UpstreamTimeout,
)
from sealgate.message import Origin, Request, Response, whole_response

MAX_BODY = 1024 * 1024 * 1024
NO_CERTIFICATES: Mapping[Origin, ClientCertificate] = MappingProxyType({})

_DROPPED_WHEN_DECODED = frozenset({"content-encoding", "content-length"})


class Egress:
    """Sends requests to where they may go. One per process; connections are kept per origin."""

    def __init__(
        self,
        *,
        allow: Allowance,
        ca_file: Path | None = None,
        connect_timeout: float = 5.0,
        max_body: int = MAX_BODY,
        resolve: Resolve = resolve_by_system,
        max_connections: int = MAX_CONNECTIONS,
        max_per_origin: int = MAX_PER_ORIGIN,
        proxy: Proxy | None = None,
        certificates: Mapping[Origin, ClientCertificate] = NO_CERTIFICATES,
    ) -> None:
        """`ca_file` adds certificate authorities to the system's; `certificates` are our own, each for
        one origin. Raises ValueError when a file cannot be read."""
        self._allow = allow
        self._max_body = max_body
        dialer = Dialer(allow, Identities(ca_file, certificates), resolve, connect_timeout, proxy)
        self._pools = Pools(dialer.dial, limit=max_connections, per_origin=max_per_origin)

    def refusal(self, origin: Origin) -> str | None:
        """Why an origin can never be called, as far as can be said without resolving it."""
        return self._allow.origin_refusal(origin)

    async def send(
        self, request: Request, *, timeout: float, max_body: int | None = None, trace: Trace | None = None
    ) -> Response:
        """Send one request and return its reply once the head is there.

        `timeout` seconds bound everything up to the head; after it the body may be silent for
        `timeout` seconds between pieces. Raises DestinationBlocked, UrlInvalid and RequestTemplateFailed
        before anything is sent, the errors of Downstream, and whatever a streamed body raises."""
        exchange = await self._exchange(request, timeout, trace or Trace())
        try:
            return _response(exchange, self._max_body if max_body is None else max_body)
        except Downstream:
            await exchange.close()
            raise

    async def _exchange(self, request: Request, timeout: float, trace: Trace) -> Exchange:
        """Send until the head of the reply is there. Send once more, on a new connection, when a kept one
        turned out to be closed: nothing came back and the request may be repeated (RFC 9112 section
        9.3.1). Anything else is sent at most once."""
        head = head_of(request)
        loop = asyncio.get_running_loop()
        began, deadline = perf_counter(), loop.time() + timeout
        connection = self._pools.rested(request.origin)
        while True:
            if connection is None:
                connection = await self._open(request.origin, deadline, timeout)
                trace.tls_seconds = connection.tls_seconds
            reused = connection.used
            trace.address, trace.proxy, trace.reused = connection.address, connection.proxy, reused
            trace.connect_seconds = None if reused else perf_counter() - began
            exchange = Exchange(connection, loop, request.method, timeout)
            exchange.begin(head, body_of(request))
            try:
                await exchange.head(deadline)
            except Silent:
                if not reused or not may_repeat(request):
                    raise UpstreamProtocolError("the API closed the connection without an answer") from None
                connection = None
            else:
                trace.head_seconds = perf_counter() - began
                return exchange

    async def _open(self, origin: Origin, deadline: float, timeout: float) -> Connection:
        if reason := self._allow.origin_refusal(origin):
            raise DestinationBlocked(reason)
        try:
            async with asyncio.timeout_at(deadline):
                return await self._pools.opened(origin)
        except TimeoutError:
            raise UpstreamTimeout(f"the API did not answer within {timeout:g} s") from None

    async def close(self) -> None:
        """Close every connection; exchanges that are under way fail."""
        await self._pools.close()


def _response(exchange: Exchange, limit: int) -> Response:
    """Raises UpstreamProtocolError and UpstreamResponseTooLarge."""
    reply = exchange.reply
    headers = reply.headers
    codings: tuple[str, ...] = ()
    if not reply.bodiless:
        written = [value for name, value in headers if name == "content-encoding"]
        codings = codings_of(", ".join(written)) if written else ()
        if codings:
            check_codings(codings)
            headers = tuple(row for row in headers if row[0] not in _DROPPED_WHEN_DECODED)
        elif reply.length is not None and reply.length > limit:
            raise UpstreamResponseTooLarge(f"the API's reply is larger than {limit} bytes")
    if reply.complete and not codings and reply.size <= limit:
        # Most replies come in one piece with their head; they need no stream.
        return whole_response(reply.status, headers, reply.take(), exchange.close)
    return Response(
        status=reply.status,
        headers=headers,
        chunks=lambda: decoded(exchange.pieces(), codings, limit),
        close=exchange.close,
    )
