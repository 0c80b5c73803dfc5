"""One CONNECT through a proxy (RFC 9110 section 9.3.6): what it answers, and nothing more of it."""

from __future__ import annotations

import asyncio
import re
from typing import cast

from sealgate.egress.proxy import SETTING, Proxy
from sealgate.egress.reaching import Unreached
from sealgate.errors import UpstreamUnreachable

MAX_HEAD = 16 * 1024

_START = b"HTTP/1."
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: [^\r\n]*)?\r?\n")
_END = re.compile(rb"\r?\n\r?\n")


def connect_head(proxy: Proxy, host: str, port: int) -> bytes:
    """The request for a tunnel. It holds what is the proxy's to know: the destination, and its own
    credentials."""
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {authority} HTTP/1.1\r\n", f"Host: {authority}\r\n"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization.reveal()}\r\n")
    return "".join([*lines, "\r\n"]).encode("ascii")


class Tunnel(asyncio.Protocol):
    """Holds a connection to a proxy until the one who asked for it takes it over.

    `answer` becomes `None` when the tunnel is there, or why it is not."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.answer: asyncio.Future[Exception | None] = loop.create_future()
        self._disturbed = False
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self.answer.done():
            self._disturbed = True
            return
        self._head += data
        while self._head and not self.answer.done() and self._read():
            continue

    def connection_lost(self, error: Exception | None) -> None:
        self._disturbed = True
        self._answer(UpstreamUnreachable("the egress proxy closed the connection without a whole answer"))

    def check(self) -> None:
        """Raises Unreached when bytes came before anybody on our side spoke, or the connection ended."""
        if self._disturbed:
            raise Unreached(UpstreamUnreachable("the API spoke, or hung up, before it was asked"))

    def _read(self) -> bool:
        """Read one head. False when it is not whole yet."""
        end = _END.search(self._head)
        if not self._head.startswith(_START[: len(self._head)]):
            self._answer(_garbage())
        elif len(self._head[: end.start()] if end else self._head) > MAX_HEAD:
            self._answer(UpstreamUnreachable("the head of the egress proxy's answer is too large"))
        elif end:
            head, self._head = self._head[: end.end()], self._head[end.end() :]
            self._judge(head)
        return end is not None

    def _judge(self, head: bytes) -> None:
        match = _STATUS.match(head)
        status = int(match[1]) if match else 0
        if 100 <= status < 200 and status != 101:
            return
        if not 200 <= status < 600:
            self._answer(_garbage())
        elif status >= 300:
            self._answer(_refusal(status))
        elif self._head:
            self._answer(UpstreamUnreachable("the egress proxy sent more than an answer to CONNECT"))
        else:
            self._answer(None)

    def _answer(self, outcome: Exception | None) -> None:
        if not self.answer.done():
            self.answer.set_result(outcome)


def _garbage() -> UpstreamUnreachable:
    return UpstreamUnreachable("the egress proxy's answer to CONNECT is not valid HTTP")


def _refusal(status: int) -> Exception:
    """Another address of the same name may be allowed, or answer; other credentials are not at hand."""
    if status == 407:
        return UpstreamUnreachable(
            f"the egress proxy wants other credentials (407): the operator's {SETTING} holds its user name "
            "and password"
        )
    if status == 403:
        return Unreached(
            UpstreamUnreachable("the egress proxy refuses connections to the API (403): its rules decide")
        )
    if status >= 500:
        return Unreached(UpstreamUnreachable(f"the egress proxy could not connect to the API ({status})"))
    return UpstreamUnreachable(f"the egress proxy answered CONNECT with the status {status}")
