from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from sealgate.egress import Allowance, Egress
from sealgate.message import Request, Response
from sealgate.testing.raw import RawUpstream


@pytest.fixture
async def upstream() -> AsyncIterator[RawUpstream]:
    async with RawUpstream() as server:
        yield server


@pytest.fixture
async def egress() -> AsyncIterator[Egress]:
    client = Egress(allow=Allowance.parse(["http://127.0.0.1:*"]))
    yield client
    await client.close()


@pytest.fixture
def fetch(egress: Egress, upstream: RawUpstream) -> Callable[..., Awaitable[tuple[Response, bytes]]]:
    """Send one request to the upstream and read the reply; a hang fails the test."""

    async def fetch(method="GET", target="/", headers=(), body=None, timeout=5.0, **more):
        async with asyncio.timeout(20):
            request = Request(method, upstream.origin, target, tuple(headers), body)
            response = await egress.send(request, timeout=timeout, **more)
            return response, await response.read()

    return fetch


@pytest.fixture
def resolver():
    """A name server that gives these answers, one after the other, and the list of names asked for."""

    def make(*answers):
        calls = []

        async def resolve(host, port):
            calls.append(host)
            return [ipaddress.ip_address(address) for address in answers[min(len(calls), len(answers)) - 1]]

        return resolve, calls

    return make
