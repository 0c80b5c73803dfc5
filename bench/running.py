"""The comparison: rounds of all gateways in turn, so that a change of the machine's mood meets them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.checks import DoesNotDoTheJob, check, direct_request
from bench.credentials import Credentials
from bench.load import LoadFailed, run
from bench.machine import Cores
from bench.measuring import Paced, Saturated, pace, saturate
from bench.options import Options
from bench.peers import PEERS, Peer, Site
from bench.processes import DidNotStart, Pinned, free_port
from bench.scenarios import SCENARIOS, Scenario
from bench.upstream import Upstream

COMMON_RATE = 300.0
"""Calls per second that even the slowest peer takes at about half load."""
COMMON = ("api-key", "oauth")
"""The scenario compared at the common rate: the first of these that a peer has."""


@dataclass
class Cell:
    """One gateway by one scenario: a measurement of each kind per round."""

    saturated: list[Saturated] = field(default_factory=list)
    half: list[Paced] = field(default_factory=list)
    common: list[Paced] = field(default_factory=list)


@dataclass
class Comparison:
    cells: dict[tuple[str, str], Cell] = field(default_factory=lambda: defaultdict(Cell))
    direct: dict[float, list[Paced]] = field(default_factory=lambda: defaultdict(list))
    """The upstream without a gateway, at the rates that Sealgate's API-key call was measured at."""
    missing: dict[str, str] = field(default_factory=dict)
    """Peers that are not there, with the reason."""
    failed: dict[tuple[str, str], str] = field(default_factory=dict)
    """Peers that did not do the job, with what they did instead; the scenario is empty for a start."""
    versions: dict[str, str] = field(default_factory=dict)


class Comparing:
    def __init__(self, options: Options, cores: Cores, upstream: Upstream, credentials: Credentials) -> None:
        self._options = options
        self._cores = cores
        self._upstream = upstream
        self._credentials = credentials
        self._scenarios = options.chosen(SCENARIOS)
        self._sites: dict[str, Site] = {}
        self.found = Comparison()

    def prepare(self, directory: Path) -> None:
        for peer in self._options.chosen(PEERS).values():
            if reason := peer.missing():
                self.found.missing[peer.name] = reason
                print(f"{peer.title}: not measured, {reason}", flush=True)
                continue
            self._sites[peer.name] = new_site(peer.name, directory, self._upstream, self._credentials)
            self.found.versions[peer.name] = peer.version()
            peer.prepare(self._sites[peer.name])

    def run(self) -> Comparison:
        for number in range(1, self._options.rounds + 1):
            for name, site in self._sites.items():
                print(f"round {number} of {self._options.rounds}: {PEERS[name].title}", flush=True)
                try:
                    with started(PEERS[name], site, self._cores.gateway) as gateway:
                        gateway.wait_until_at_rest()
                        self._peer(PEERS[name], site, gateway)
                except DidNotStart as problem:
                    self._failed(name, "", str(problem))
        return self.found

    def _peer(self, peer: Peer, site: Site, gateway: Pinned) -> None:
        for scenario in self._scenarios.values():
            if scenario.name not in peer.scenarios:
                continue
            try:
                check(peer, site, scenario)
                self._cell(peer, site, gateway, scenario)
            except (DoesNotDoTheJob, LoadFailed, OSError) as problem:
                self._failed(peer.name, scenario.name, str(problem))

    def _cell(self, peer: Peer, site: Site, gateway: Pinned, scenario: Scenario) -> None:
        cell = self.found.cells[peer.name, scenario.name]
        connections, seconds = self._options.connections, self._options.seconds
        calls = [peer.request(site, scenario)]
        cell.saturated.append(saturate(gateway, site.port, calls, self._upstream, connections, seconds))
        half = cell.saturated[0].per_second / 2
        cell.half.append(pace(site.port, calls, half, connections, seconds))
        if scenario.name == next((name for name in COMMON if name in peer.scenarios), None):
            cell.common.append(pace(site.port, calls, COMMON_RATE, connections, seconds))
        if (peer.name, scenario.name) == ("sealgate", "api-key"):
            self._direct(scenario, half)

    def _direct(self, scenario: Scenario, half: float) -> None:
        call = [direct_request(scenario)]
        run(self._upstream.port, call, seconds=0.2)
        for rate in (half, COMMON_RATE):
            paced = pace(self._upstream.port, call, rate, self._options.connections, self._options.seconds)
            self.found.direct[rate].append(paced)

    def _failed(self, peer: str, scenario: str, problem: str) -> None:
        self.found.failed[peer, scenario] = problem
        print(f"{PEERS[peer].title} {scenario}: {problem}", flush=True)


def new_site(name: str, directory: Path, upstream: Upstream, credentials: Credentials) -> Site:
    folder = directory / name
    folder.mkdir()
    return Site(folder, free_port(), upstream, credentials)


@contextmanager
def started(peer: Peer, site: Site, core: int) -> Iterator[Pinned]:
    """A peer on its core, taking connections. Raises DidNotStart."""
    with Pinned(
        peer.command(site),
        core=core,
        log=site.directory / "output.log",
        environment=peer.environment(site),
        directory=site.directory,
    ) as gateway:
        gateway.wait_for(site.port)
        yield gateway
