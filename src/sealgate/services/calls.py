"""Run a connector and hold its reply: what the command line and the embedded gateway call."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sealgate.execution.call import Reply
from sealgate.execution.engine import Engine
from sealgate.execution.timing import Timing
from sealgate.execution.trial import TestRequest
from sealgate.request_id import new_request_id


class Headers(Mapping[str, str]):
    """Header fields by name, in any letter case; a repeated field is one text with commas (RFC 9110
    section 5.3)."""

    __slots__ = ("_fields",)

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        fields: dict[str, str] = {}
        for name, value in pairs:
            fields[name.lower()] = f"{fields[name.lower()]}, {value}" if name.lower() in fields else value
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Headers({self._fields!r})"


@dataclass(frozen=True, slots=True)
class GatewayReply:
    """What the API answered, or what the response template made of it; any status of the API is a reply."""

    status: int
    headers: Headers
    """The API's that pass (docs, Calling), `Server-Timing` and its like."""
    content: bytes = field(repr=False)
    request_id: str

    @property
    def text(self) -> str:
        """The content as UTF-8; what is none becomes U+FFFD."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """The content as JSON. Raises ValueError when it is none."""
        return json.loads(self.content)

    @property
    def timing(self) -> dict[str, Any]:
        """`X-Connector-Timing`: `total_ms`, `external_ms`, `internal_ms`, `breakdown`, … (REFERENCE 10.4)."""
        timing: dict[str, Any] = json.loads(self.headers["x-connector-timing"])
        return timing


@dataclass(frozen=True, slots=True)
class GatewayStream:
    """A reply whose content is still coming: `async for chunk in stream.chunks`. Reading it may raise the
    errors of `Downstream`."""

    status: int
    headers: Headers
    chunks: AsyncIterator[bytes] = field(repr=False)
    request_id: str


async def run_connector(engine: Engine, tenant: str, permalink: str, request: TestRequest) -> GatewayReply:
    """The whole reply. Raises SealgateError."""
    timing, reply = await _execute(engine, tenant, permalink, request)
    try:
        content = b"".join([chunk async for chunk in _chunks(reply.body)])
    finally:
        await _close(reply.body)
    return GatewayReply(reply.status, _headers(reply, timing), content, timing.request_id)


@asynccontextmanager
async def stream_connector(
    engine: Engine, tenant: str, permalink: str, request: TestRequest
) -> AsyncIterator[GatewayStream]:
    """The reply as its content arrives; leaving ends the API's response, read or not.

    Raises SealgateError."""
    timing, reply = await _execute(engine, tenant, permalink, request)
    try:
        yield GatewayStream(reply.status, _headers(reply, timing), _chunks(reply.body), timing.request_id)
    finally:
        await _close(reply.body)


async def _execute(engine: Engine, tenant: str, permalink: str, request: TestRequest) -> tuple[Timing, Reply]:
    timing = Timing(new_request_id())
    call = request.call(tenant, permalink, engine.method(tenant, permalink), timing.request_id)
    return timing, await engine.execute(call, timing)


def _headers(reply: Reply, timing: Timing) -> Headers:
    return Headers((*reply.headers, *timing.headers()))


async def _chunks(body: bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    async for chunk in body:
        yield chunk


async def _close(body: bytes | AsyncIterator[bytes]) -> None:
    close = getattr(body, "aclose", None)
    if close is not None:
        await close()
