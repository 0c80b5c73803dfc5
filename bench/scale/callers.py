"""Many callers at once, and one large body: what they cost in memory and in token requests."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bench.checks import call
from bench.load import Generator, run
from bench.machine import Cores
from bench.peers.base import Site, request
from bench.peers.sealgate import ADMIN_TOKEN, Sealgate, admin
from bench.processes import Pinned
from bench.running import started
from bench.scale.stored import Peak, until_admin
from sealgate.testing import OAuthServer

GIB = 1024**3
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Callers:
    burst_callers: int
    token_requests: int
    """Made for all callers of the burst together, their token having expired."""
    burst_peak_bytes: int
    idle_callers: int
    idle_bytes_per_caller: float
    streamed_bytes: int
    stream_added_bytes: int
    """Peak memory while streaming, over what it was before."""


def measure(site: Site, cores: Cores, *, burst: int, idle: int) -> Callers:
    """Raises LoadFailed, DidNotStart."""
    peer = Sealgate()
    site.upstream.add_file("huge", GIB)
    peer.prepare(site)
    with OAuthServer(expires_in=2) as oauth:
        oauth.add_client(site.credentials.client_id, site.credentials.client_secret)
        with started(_allowing(peer, oauth.origin), site, cores.gateway) as gateway:
            until_admin(site)
            _save(site, oauth)
            before = gateway.memory_bytes()
            held = Generator(site.port, [_call("api-key")], connections=idle, once=True, hold=True)
            held.result()
            time.sleep(1)
            idle_bytes = (gateway.memory_bytes() - before) / idle
            held.release()
            requests, burst_peak = _burst(site, gateway, oauth, burst)
            before = gateway.memory_bytes()
            streamed, stream_peak = _watched(gateway, lambda: _stream(site.port))
    return Callers(burst, requests, burst_peak, idle, idle_bytes, streamed, stream_peak - before)


def _allowing(peer: Sealgate, origin: str) -> Sealgate:
    class Allowing(Sealgate):
        def environment(self, site: Site) -> dict[str, str]:
            found = dict(peer.environment(site))
            return {**found, "SEALGATE_EGRESS_ALLOW": f"{found['SEALGATE_EGRESS_ALLOW']},{origin}"}

    return Allowing()


def _save(site: Site, oauth: OAuthServer) -> None:
    config = {
        "client_id": "{{ get_secret('client_id') }}",
        "client_secret": "{{ get_secret('client_secret') }}",
        "token_url": oauth.token_url,
    }
    url = f"{site.upstream.http}/small"
    document = {
        "name": "burst",
        "url": url,
        "authentication": {"type": "oauth_client_credentials", "config": config},
    }
    admin(site, "PUT", "/api/v1/connectors/burst", document)
    admin(site, "PUT", "/api/v1/connectors/huge", {"name": "huge", "url": f"{site.upstream.http}/huge"})
    time.sleep(1)  # until both are in force


def _burst(site: Site, gateway: Pinned, oauth: OAuthServer, callers: int) -> tuple[int, int]:
    status, body = call(site.port, _call("burst"))
    if status != 200:
        raise RuntimeError(f"the first call with a token failed: {status} {body[:300]!r}")
    oauth.expires_in = 3600
    time.sleep(2.5)  # until the first token has expired
    oauth.clear()
    _, peak = _watched(
        gateway, lambda: run(site.port, [_call("burst")], connections=callers, once=True, seconds=1)
    )
    return len(oauth.token_requests), peak


def _watched(gateway: Pinned, work: Callable[[], T]) -> tuple[T, int]:
    """What the work returns, and the gateway's peak memory meanwhile."""
    peak, done = Peak(gateway), threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            peak.look()

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        result = work()
    finally:
        done.set()
        watcher.join()
    return result, peak.most


def _stream(port: int) -> int:
    """Read the huge body and count what came, header included."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(_call("huge").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        total = 0
        buffer = bytearray(1 << 20)
        while received := connection.recv_into(buffer):
            total += received
    if total < GIB:
        raise RuntimeError(f"the body ended after {total} bytes")
    return total


def _call(permalink: str) -> bytes:
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    return request("GET", f"/connectors/{permalink}/execute", headers)
