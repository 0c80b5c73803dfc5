"""Sealgate over a store of many connectors: CPU per call, start, memory, and how soon a change counts."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from bench.checks import call
from bench.load import run
from bench.machine import Cores
from bench.measuring import saturate
from bench.options import Options
from bench.peers.base import Site, request
from bench.peers.sealgate import ADMIN_TOKEN, API_KEY, Sealgate, admin, secrets
from bench.processes import START_SECONDS, Pinned
from bench.running import started
from sealgate.secret import Secret
from sealgate.settings import Settings
from sealgate.stores import open_store
from sealgate.stores.ports import ConnectorChanges

FEW, MANY = 10, 1000
"""How many different connectors a load goes through."""
WARMING_SECONDS = 4.0
"""In which each of them is compiled before anything is measured."""


@dataclass(frozen=True, slots=True)
class Stored:
    tenants: int
    connectors: int
    """In all tenants together."""
    cpu_microseconds: float
    """Of a call to one of few connectors, however many are stored."""
    cpu_of_many_microseconds: float
    """Of a call to one of many."""
    start_seconds: float
    """From the start of the process to the first answered call."""
    memory_bytes: int
    """Of the whole process tree, before the load."""
    change_seconds: float
    """From saving a connector to the first call that it answers."""


def measure(site: Site, cores: Cores, options: Options, *, tenants: int, connectors: int) -> Stored:
    """Fill a new store and measure over it. Raises LoadFailed, DidNotStart."""
    peer = Sealgate()
    names = [f"tenant-{number}" for number in range(tenants - 1)] + ["default"]
    asyncio.run(_fill(site, names, connectors // tenants))
    targets = ((tenant, number) for number in range(connectors // tenants) for tenant in names)
    calls = [_call(tenant, f"c-{number}") for tenant, number in islice(targets, MANY)]
    began = time.monotonic()
    with started(peer, site, cores.gateway) as gateway:
        _until_answered(site.port, calls[0])
        start_seconds = time.monotonic() - began
        memory = gateway.memory_bytes()
        gateway.wait_until_at_rest()
        run(site.port, calls, connections=options.connections, seconds=WARMING_SECONDS)
        few, many = (
            saturate(gateway, site.port, some, site.upstream, options.connections, options.seconds)
            for some in (calls[:FEW], calls)
        )
        change = _change(site)
    return Stored(
        tenants, connectors, few.cpu_microseconds, many.cpu_microseconds, start_seconds, memory, change
    )


async def _fill(site: Site, tenants: list[str], connectors: int) -> None:
    """Straight into the store, a tenant at a time."""
    store = await open_store(Settings(data=site.directory / "data"))
    try:
        for tenant in tenants:
            for name, value in secrets(site.credentials).items():
                await store.put_secret(tenant, name, Secret(value), actor="bench")
            created = tuple((f"c-{number}", _document(site, f"c-{number}")) for number in range(connectors))
            await store.apply_source(tenant, ConnectorChanges("bench", created), actor="bench")
    finally:
        await store.close()


def _document(site: Site, permalink: str) -> dict[str, object]:
    url = f"{site.upstream.http}/small"
    return {"name": permalink, "permalink": permalink, "url": url, "authentication": API_KEY}


def _call(tenant: str, permalink: str) -> bytes:
    prefix = "" if tenant == "default" else f"/t/{tenant}"
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    return request("GET", f"{prefix}/connectors/{permalink}/execute", headers)


def _until_answered(port: int, wanted: bytes) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError):
            status, body = call(port, wanted)
            if status == 200:
                return
        time.sleep(0.01)
    raise TimeoutError(f"no call was answered in {START_SECONDS} s: {status} {body[:300]!r}")


def _change(site: Site) -> float:
    until_admin(site)
    admin(site, "PUT", "/api/v1/connectors/changed", _document(site, "changed"))
    began = time.monotonic()
    _until_answered(site.port, _call("default", "changed"))
    return time.monotonic() - began


def until_admin(site: Site) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError):
            admin(site, "PUT", "/api/v1/variables/bench", {"value": "1"})
            return
        time.sleep(0.05)
    raise TimeoutError("the admin API did not come up")


class Peak:
    """The most memory that a process tree was seen to use, looked at every `look` call."""

    def __init__(self, process: Pinned) -> None:
        self._process = process
        self.most = process.memory_bytes()

    def look(self) -> None:
        self.most = max(self.most, self._process.memory_bytes())
