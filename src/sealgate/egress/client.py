"""The one HTTP client: it sends requests byte for byte, to checked addresses, and follows nowhere.

Only this file knows the library. Foreign exceptions become ours here, without the text of a URL's
query, a header or a body in them.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection
from yarl import URL

from sealgate import __version__
from sealgate.egress.address import Address
from sealgate.egress.allowance import Allowance
from sealgate.egress.coding import ACCEPTED, check_codings, codings_of, decoded
from sealgate.errors import (
    DestinationBlocked,
    Downstream,
    UpstreamProtocolError,
    UpstreamResponseTooLarge,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from sealgate.message import Origin, Request, Response
from sealgate.secret import Secret, reveal

Resolve = Callable[[str, int], Awaitable[list[Address]]]

MAX_BODY = 1024 * 1024 * 1024
MAX_HEADER_FIELD = 32 * 1024
MAX_HEADER_FIELDS = 200
MAX_CONNECTIONS = 2000
KEEP_ALIVE_SECONDS = 4.0
"""Shorter than what common servers keep a connection (5 s and more), so that a request seldom meets
one that is being closed."""

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FRAMING = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer",
     "expect", "proxy-connection"}
)  # fmt: skip
_DROPPED_WHEN_DECODED = frozenset({"content-encoding", "content-length"})


@dataclass(slots=True)
class Trace:
    """What one exchange met, for explain."""

    address: str | None = None
    reused: bool | None = None
    connect_seconds: float | None = None
    head_seconds: float | None = None


@dataclass(slots=True)
class _Attempt:
    """The exchange that the running task makes; the socket factory reads it."""

    origin: Origin
    refused: list[str] = field(default_factory=list)
    began: float = field(default_factory=perf_counter)
    connected: float | None = None


_attempt: ContextVar[_Attempt] = ContextVar("attempt")


async def resolve_by_system(host: str, port: int) -> list[Address]:
    """Every address of a name, by the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(sockaddr[0]) for *_, sockaddr in found))


class _Resolver(AbstractResolver):
    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in await self._resolve(host, port)
        ]

    async def close(self) -> None:
        pass


class _Reply(aiohttp.ClientResponse):
    """Remembers whom it came from: a short reply has given its connection back before anyone asks."""

    peer: str | None = None

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        peer = connection.transport.get_extra_info("peername") if connection.transport else None
        self.peer = peer[0] if peer else None
        return await super().start(connection)


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
        self._tls = _tls_context(ca_file)
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
        `timeout` seconds between pieces. Raises DestinationBlocked and the errors of Downstream."""
        if reason := self._allow.origin_refusal(request.origin):
            raise DestinationBlocked(reason)
        headers = list(_header_fields(request))
        attempt = _Attempt(request.origin)
        token = _attempt.set(attempt)
        try:
            with _mapped(attempt, timeout, "answer"):
                async with asyncio.timeout(timeout):
                    reply = await self._open_session().request(
                        request.method,
                        URL(f"{request.origin}{reveal(request.target)}", encoded=True),
                        headers=headers,
                        data=_body(request),
                        allow_redirects=False,
                    )
        finally:
            _attempt.reset(token)
        if trace is not None:
            _fill(trace, attempt, reply)
        try:
            return _response(request.method, reply, timeout, self._max_body if max_body is None else max_body)
        except Downstream:
            reply.close()
            raise

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
            )
        return self._session

    def _checked_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """A socket for an address that may be reached. Every connection comes through here, with the
        address that it will go to: names that were resolved and IP literals alike."""
        family, kind, protocol, _, sockaddr = info
        attempt = _attempt.get()
        if reason := self._allow.address_refusal(ip_address(sockaddr[0]), attempt.origin):
            attempt.refused.append(reason)
            raise OSError("address refused")
        attempt.connected = perf_counter()
        return socket.socket(family, kind, protocol)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"SEALGATE_EGRESS_CA_FILE: {ca_file} cannot be read as PEM ({error})") from None
    return context


def _header_fields(request: Request) -> Iterator[tuple[str, str]]:
    """What goes out: the request's fields without those that frame the message, and our own defaults."""
    yield "Host", request.origin.authority
    present = set()
    for name, value in request.headers:
        lower = name.lower()
        if lower in _FRAMING:
            continue
        present.add(lower)
        text = reveal(value)
        if not _NAME.fullmatch(name):
            raise UpstreamProtocolError(f"{name[:50]!r} is not a header name (RFC 9110 section 5.1)")
        if any(character in text for character in "\r\n\0") or not text.isascii():
            raise UpstreamProtocolError(f"the value of the header {name} holds a line break or is not ASCII")
        yield name, text
    for name, value in (
        ("Accept", "*/*"),
        ("Accept-Encoding", ACCEPTED),
        ("User-Agent", f"sealgate/{__version__}"),
    ):
        if name.lower() not in present:
            yield name, value


def _body(request: Request) -> bytes | AsyncIterator[bytes] | None:
    return request.body.reveal() if isinstance(request.body, Secret) else request.body


def _fill(trace: Trace, attempt: _Attempt, reply: aiohttp.ClientResponse) -> None:
    now = perf_counter()
    trace.reused = attempt.connected is None
    trace.connect_seconds = None if attempt.connected is None else attempt.connected - attempt.began
    trace.head_seconds = now - attempt.began
    trace.address = reply.peer if isinstance(reply, _Reply) else None


def _response(method: str, reply: aiohttp.ClientResponse, timeout: float, limit: int) -> Response:
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in reply.raw_headers
    )
    codings = codings_of(", ".join(value for name, value in headers if name == "content-encoding"))
    bodiless = method == "HEAD" or reply.status in (204, 304)
    if codings and not bodiless:
        check_codings(codings)
        headers = tuple(row for row in headers if row[0] not in _DROPPED_WHEN_DECODED)
    elif not bodiless and (reply.content_length or 0) > limit:
        raise UpstreamResponseTooLarge(f"the API's reply is larger than {limit} bytes")

    async def received() -> AsyncIterator[bytes]:
        while True:
            with _mapped(None, timeout, "go on"):
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
def _mapped(attempt: _Attempt | None, timeout: float, doing: str) -> Iterator[None]:
    """Turn the library's exceptions into ours."""
    try:
        yield
    except aiohttp.ClientConnectorCertificateError:
        raise UpstreamUnreachable(
            "the API's TLS certificate is not valid for this name or not from a known authority"
        ) from None
    except aiohttp.ClientConnectorSSLError:
        raise UpstreamUnreachable("TLS with the API failed: it may not speak TLS at this port") from None
    except aiohttp.ClientConnectorDNSError:
        raise UpstreamUnreachable("the API's host name does not resolve: check its spelling") from None
    except aiohttp.ClientConnectorError as error:
        if attempt and attempt.refused:
            raise DestinationBlocked(attempt.refused[0]) from None
        reason = os.strerror(error.os_error.errno) if error.os_error.errno else "it failed"
        raise UpstreamUnreachable(f"connecting to the API: {reason}") from None
    except aiohttp.ConnectionTimeoutError:
        raise UpstreamTimeout("the API did not accept the connection in time") from None
    except TimeoutError:
        raise UpstreamTimeout(f"the API did not {doing} within {timeout:g} s") from None
    except aiohttp.ServerDisconnectedError:
        raise UpstreamProtocolError("the API closed the connection without an answer") from None
    except aiohttp.ClientPayloadError:
        raise UpstreamProtocolError("the API's reply ends too early or is badly framed") from None
    except (aiohttp.ClientResponseError, aiohttp.http.HttpProcessingError):
        raise UpstreamProtocolError("the API's answer is not valid HTTP") from None
    except (aiohttp.ClientError, ConnectionError, ssl.SSLError):
        raise UpstreamProtocolError("the connection to the API broke") from None
