"""One measurement: a running gateway under load, by one scenario."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load import Load, run
from bench.processes import Pinned
from bench.upstream import Upstream

WARM_SECONDS = 0.3
OWN_CONNECTIONS = 1
"""Asking the upstream for its count opens a connection, too."""


@dataclass(frozen=True, slots=True)
class Saturated:
    """A closed loop: as many calls as the gateway takes."""

    cpu_microseconds: float
    """Of the gateway's whole process tree, per call."""
    per_second: float
    memory_bytes: int
    opened: int
    """Connections to the upstream opened meanwhile, after warming up."""
    gateway_core_share: float
    """How much of the gateway's core was used: well below 1, and something else was the bottleneck."""


@dataclass(frozen=True, slots=True)
class Paced:
    """An open loop at a fixed rate."""

    rate: float
    latencies: array[int]
    """Microseconds, counted from when each call was due."""


def saturate(
    gateway: Pinned,
    port: int,
    requests: Sequence[bytes],
    upstream: Upstream,
    connections: int,
    seconds: float,
) -> Saturated:
    """Raises LoadFailed."""
    run(port, requests, connections=connections, seconds=WARM_SECONDS)
    opened = upstream.connections()
    cpu = gateway.cpu_seconds()
    load: Load = run(port, requests, connections=connections, seconds=seconds)
    cpu = gateway.cpu_seconds() - cpu
    return Saturated(
        cpu_microseconds=cpu / load.completed * 1e6,
        per_second=load.per_second,
        memory_bytes=gateway.memory_bytes(),
        opened=upstream.connections() - opened - OWN_CONNECTIONS,
        gateway_core_share=cpu / load.seconds,
    )


def pace(port: int, requests: Sequence[bytes], rate: float, connections: int, seconds: float) -> Paced:
    """Raises LoadFailed."""
    load = run(port, requests, connections=connections, seconds=seconds, rate=rate)
    return Paced(rate, load.latencies)
