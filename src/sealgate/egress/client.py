"""The one HTTP client: it sends requests byte for byte, to checked addresses, and follows nowhere.

Only this file knows the library. Foreign exceptions become ours here, without the text of a URL's
query, a header or a body in them.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection
from yarl import URL

from sealgate.egress.allowance import Allowance
from sealgate.egress.attempt import Attempt, Trace, current
from sealgate.egress.coding import check_codings, codings_of, decoded
from sealgate.egress.connecting import Resolve, resolve_by_system, tls_context
from sealgate.egress.outgoing import Upload, body_of, header_fields, may_repeat, url_of
from sealgate.errors import (
    DestinationBlocked,
    Downstream,
    SealgateError,
    UpstreamProtocolError,
    UpstreamResponseTooLarge,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from sealgate.message import Origin, Request, Response

MAX_BODY = 1024 * 1024 * 1024
MAX_HEADER_FIELD = 32 * 1024
MAX_HEADER_FIELDS = 200
MAX_CONNECTIONS = 2000
KEEP_ALIVE_SECONDS = 4.0
"""Shorter than what common servers keep a connection (5 s and more), so that a request seldom meets
one that is being closed."""

_DROPPED_WHEN_DECODED = frozenset({"content-encoding", "content-length"})


class _Resolver(AbstractResolver):
    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await self._resolve(host, port)
        if not addresses:
            raise OSError("the name has no address")
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass


class _Reply(aiohttp.ClientResponse):
    """Notes whom it comes from and when the connection was there: a short reply has given its
    connection back before anyone could ask."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        attempt = current.get()
        attempt.connected = perf_counter()
        peer = connection.transport.get_extra_info("peername") if connection.transport else None
        attempt.peer = peer[0] if peer else None
        return await super().start(connection)


class _Broken(Exception):
    """The connection ended before the head of the reply was whole; `silent`: before any of it came."""

    def __init__(self, silent: bool) -> None:
        super().__init__()
        self.silent = silent


async def _without_repeating(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keeps the library from sending a request again on its own: it would do so after a part of a
    reply, too, and on a connection that was new."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except aiohttp.ServerDisconnectedError as error:
        raise _Broken(silent=isinstance(error.message, str)) from None
    except aiohttp.ClientOSError:
        raise _Broken(silent=True) from None


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
    ) -> None:
        """`ca_file` adds certificate authorities to the system's. Raises ValueError when it cannot be
        read."""
        self._allow = allow
        self._max_body = max_body
        self._connect_timeout = connect_timeout
        self._tls = tls_context(ca_file)
        self._resolver = _Resolver(resolve)
        self._session: aiohttp.ClientSession | None = None

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
        if reason := self._allow.origin_refusal(request.origin):
            raise DestinationBlocked(reason)
        url = URL(url_of(request), encoded=True)
        headers = list(header_fields(request))
        attempt = Attempt(request.origin, body_of(request))
        token = current.set(attempt)
        try:
            with _mapped(attempt, timeout, "answer"):
                async with asyncio.timeout(timeout):
                    reply = await self._request(request, url, headers, attempt)
            attempt.answered = perf_counter()
        finally:
            current.reset(token)
            if trace is not None:
                attempt.fill(trace)
        try:
            return _response(
                request.method, reply, attempt, timeout, self._max_body if max_body is None else max_body
            )
        except Downstream:
            reply.close()
            raise

    async def _request(
        self, request: Request, url: URL, headers: list[tuple[str, str]], attempt: Attempt
    ) -> aiohttp.ClientResponse:
        """Send, and send once more when a kept connection turned out to be closed: nothing came back
        and the request may be repeated (RFC 9112 section 9.3.1). Anything else is sent at most once."""
        session = self._open_session()

        async def exchange() -> aiohttp.ClientResponse:
            return await session.request(
                request.method, url, headers=headers, data=attempt.body, allow_redirects=False
            )

        try:
            return await exchange()
        except _Broken as broken:
            if attempt.opened or not broken.silent or not may_repeat(request):
                raise
        return await exchange()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=self._tls,
                    resolver=self._resolver,
                    use_dns_cache=False,
                    socket_factory=self._checked_socket,
                    limit=MAX_CONNECTIONS,
                    keepalive_timeout=KEEP_ALIVE_SECONDS,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout),
                max_field_size=MAX_HEADER_FIELD,
                max_line_size=MAX_HEADER_FIELD,
                max_headers=MAX_HEADER_FIELDS,
                response_class=_Reply,
                middlewares=(_without_repeating,),
            )
        return self._session

    def _checked_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """A socket for an address that may be reached. Every connection comes through here, with the
        address that it will go to: names that were resolved and IP literals alike."""
        family, kind, protocol, _, sockaddr = info
        attempt = current.get()
        if reason := self._allow.address_refusal(ip_address(sockaddr[0]), attempt.origin):
            attempt.refused.append(reason)
            raise OSError("address refused")
        attempt.opened = True
        return socket.socket(family, kind, protocol)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _response(
    method: str, reply: aiohttp.ClientResponse, attempt: Attempt, timeout: float, limit: int
) -> Response:
    if not 200 <= reply.status <= 599:
        raise UpstreamProtocolError(f"the API answered with the status {reply.status}, which is not valid")
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in reply.raw_headers
    )
    if any(value.strip().lower() != "chunked" for name, value in headers if name == "transfer-encoding"):
        raise UpstreamProtocolError("the API's reply has a transfer coding other than chunked")
    codings = codings_of(", ".join(value for name, value in headers if name == "content-encoding"))
    bodiless = method == "HEAD" or reply.status in (204, 304)
    if codings and not bodiless:
        check_codings(codings)
        headers = tuple(row for row in headers if row[0] not in _DROPPED_WHEN_DECODED)
    elif not bodiless and (reply.content_length or 0) > limit:
        raise UpstreamResponseTooLarge(f"the API's reply is larger than {limit} bytes")

    async def received() -> AsyncIterator[bytes]:
        while True:
            with _mapped(attempt, timeout, "go on"):
                async with asyncio.timeout(timeout):
                    chunk = await reply.content.readany()
            if not chunk:
                return
            yield chunk

    async def close() -> None:
        if reply.content.at_eof():
            reply.release()
        else:
            reply.close()

    return Response(
        status=reply.status,
        headers=headers,
        chunks=lambda: decoded(received(), () if bodiless else codings, limit),
        close=close,
    )


@contextmanager
def _mapped(attempt: Attempt, timeout: float, doing: str) -> Iterator[None]:
    """Turn the library's exceptions into ours; a failure of the request's own body stays what it was."""
    try:
        yield
    except (aiohttp.ClientError, aiohttp.http.HttpProcessingError, OSError, _Broken) as error:
        if isinstance(attempt.body, Upload) and attempt.body.failure:
            raise attempt.body.failure from None
        raise _ours(error, attempt, timeout, doing) from None


def _ours(error: Exception, attempt: Attempt, timeout: float, doing: str) -> SealgateError:
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return UpstreamUnreachable(
                "the API's TLS certificate is not valid for this name or not from a known authority"
            )
        case aiohttp.ClientConnectorSSLError():
            return UpstreamUnreachable("TLS with the API failed: it may not speak TLS at this port")
        case aiohttp.ClientConnectorDNSError():
            return UpstreamUnreachable("the API's host name does not resolve: check its spelling")
        case aiohttp.ClientConnectorError() if attempt.refused and not attempt.opened:
            return DestinationBlocked(attempt.refused[0])
        case aiohttp.ClientConnectorError(os_error=cause):
            reason = os.strerror(cause.errno) if cause.errno else "it failed"
            return UpstreamUnreachable(f"connecting to the API: {reason}")
        case aiohttp.ConnectionTimeoutError():
            return UpstreamTimeout("the API did not accept the connection in time")
        case TimeoutError():
            return UpstreamTimeout(f"the API did not {doing} within {timeout:g} s")
        case _Broken(silent=True):
            return UpstreamProtocolError("the API closed the connection without an answer")
        case _Broken():
            return UpstreamProtocolError("the API closed the connection in the middle of its answer's head")
        case aiohttp.ClientPayloadError():
            return UpstreamProtocolError("the API's reply ends too early or is badly framed")
        case aiohttp.ClientResponseError() | aiohttp.http.HttpProcessingError():
            return UpstreamProtocolError("the API's answer is not valid HTTP")
        case _:
            return UpstreamProtocolError("the connection to the API broke")
