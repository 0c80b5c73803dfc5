"""What the targets need besides the comparison: what a signature costs OpenSSL on the same core, what
reshaping costs a line of Python, how long signing holds up other calls, and what a second worker brings."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.checks import check
from bench.credentials import Credentials
from bench.load import Generator, run
from bench.machine import Cores
from bench.measuring import saturate
from bench.options import Options
from bench.peers.sealgate import Sealgate
from bench.report.statistics import percentile
from bench.running import new_site, started
from bench.scenarios import SCENARIOS, large_body
from bench.upstream import Upstream

LAG_RATE = 50.0
"""Calls per second of the stream that looks for a held-up event loop."""

RESHAPING = """
import sys, time, orjson
body = sys.stdin.buffer.read()
def reshape():
    document = orjson.loads(body)
    return orjson.dumps({"count": document["total"], "rows": [
        {"key": item["id"], "label": f"{item['name']} <{item['email']}>", "active": item["active"],
         "balance": item["balance"]} for item in document["items"]]})
best = float("inf")
for _ in range(20):
    began = time.process_time()
    for _ in range(200):
        reshape()
    best = min(best, (time.process_time() - began) / 200)
print(best * 1e6)
"""
"""The comprehension that a response template of 80 rows is compared with; prints microseconds."""


@dataclass(frozen=True, slots=True)
class Lag:
    """Latency of API-key calls beside RS256 calls, microseconds."""

    p50: float
    p99: float
    longest: float


@dataclass(frozen=True, slots=True)
class Extras:
    openssl_microseconds: float
    """One RSA-2048 signature."""
    comprehension_microseconds: float
    quiet: Lag
    """API-key calls alone."""
    half_load: Lag
    """Beside RS256 calls at half of what the gateway takes."""
    saturated: Lag
    """Beside as many RS256 calls as the gateway takes: then a call queues for the core, too."""
    two_workers_cpu_ratio: float
    """CPU per API-key call with two workers, as a share of that with one, on one core."""

    def as_json(self) -> dict[str, Any]:
        return {
            "openssl_microseconds": self.openssl_microseconds,
            "comprehension_microseconds": self.comprehension_microseconds,
            "two_workers_cpu_ratio": self.two_workers_cpu_ratio,
            "lag_microseconds": {
                name: {"p50": lag.p50, "p99": lag.p99, "max": lag.longest}
                for name, lag in (
                    ("quiet", self.quiet),
                    ("half_load", self.half_load),
                    ("saturated", self.saturated),
                )
            },
        }


def measure(
    options: Options, cores: Cores, upstream: Upstream, credentials: Credentials, directory: Path
) -> Extras:
    """Raises LoadFailed, DidNotStart, DoesNotDoTheJob."""
    one_worker = Sealgate()
    site = new_site("sealgate-lag", directory, upstream, credentials)
    one_worker.prepare(site)
    key_call = [one_worker.request(site, SCENARIOS["api-key"])]
    signed_call = [one_worker.request(site, SCENARIOS["rs256"])]
    with started(one_worker, site, cores.gateway) as gateway:
        gateway.wait_until_at_rest()
        check(one_worker, site, SCENARIOS["rs256"])
        cpu_one = saturate(gateway, site.port, key_call, upstream, options.connections, options.seconds)
        most = run(site.port, signed_call, seconds=options.seconds).per_second
        quiet = _lag(site.port, key_call, options)
        half = _lag(site.port, key_call, options, beside=signed_call, rate=most / 2)
        saturated = _lag(site.port, key_call, options, beside=signed_call)
    two_workers = Sealgate(workers=2)
    site = new_site("sealgate-two", directory, upstream, credentials)
    two_workers.prepare(site)
    with started(two_workers, site, cores.gateway) as gateway:
        gateway.wait_until_at_rest()
        check(two_workers, site, SCENARIOS["api-key"])
        calls = [two_workers.request(site, SCENARIOS["api-key"])]
        cpu_two = saturate(gateway, site.port, calls, upstream, options.connections, options.seconds)
    return Extras(
        openssl_microseconds=openssl_microseconds(cores.gateway),
        comprehension_microseconds=comprehension_microseconds(cores.gateway),
        quiet=quiet,
        half_load=half,
        saturated=saturated,
        two_workers_cpu_ratio=cpu_two.cpu_microseconds / cpu_one.cpu_microseconds,
    )


def _lag(
    port: int,
    calls: list[bytes],
    options: Options,
    *,
    beside: list[bytes] | None = None,
    rate: float | None = None,
) -> Lag:
    seconds = max(2.0, options.seconds * 2)
    other = Generator(port, beside, seconds=seconds + 0.5, rate=rate) if beside else None
    load = run(port, calls, connections=8, seconds=seconds, rate=LAG_RATE)
    if other:
        other.result()
        other.release()
    ordered = sorted(load.latencies)
    return Lag(percentile(ordered, 0.5), percentile(ordered, 0.99), ordered[-1])


def openssl_microseconds(core: int) -> float:
    """One RSA-2048 signature by `openssl speed`."""
    output = _on(core, "openssl", "speed", "-seconds", "2", "rsa2048")
    # rsa 2048 bits  0.000209s  0.000006s  4784.7  …: the first time is that of a signature.
    found = re.search(r"rsa\s+2048 bits\s+\S+\s+\S+\s+([\d.]+)", output)
    if found is None:
        raise RuntimeError(f"openssl speed printed something unknown:\n{output}")
    return 1e6 / float(found[1])


def comprehension_microseconds(core: int) -> float:
    return float(_on(core, sys.executable, "-c", RESHAPING, given=large_body()))


def _on(core: int, *command: str, given: bytes = b"") -> str:
    pinned = ["/usr/bin/env", "taskset", "-c", str(core), *command]
    return subprocess.run(pinned, input=given, capture_output=True, check=True).stdout.decode()
