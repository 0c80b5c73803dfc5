"""What the benchmark has to know of a gateway."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.credentials import Credentials
from bench.options import FOLDER
from bench.scenarios import Scenario
from bench.upstream import Upstream

CONFIGURATIONS = Path(__file__).parent
VENV = FOLDER / ".venv"
PLAIN = frozenset({"none", "api-key", "large", "tls"})
"""What a proxy without a program of its own can do."""


@dataclass(frozen=True)
class Site:
    """Where a peer runs and what it is told."""

    directory: Path
    port: int
    upstream: Upstream
    credentials: Credentials

    def values(self) -> dict[str, object]:
        """For configuration files and programs. The keys are the names that they use."""
        return {
            "directory": self.directory,
            "port": self.port,
            "upstream": self.upstream.http,
            "upstream_port": self.upstream.port,
            "upstream_tls": self.upstream.https,
            "upstream_tls_port": self.upstream.tls_port,
            "authority": self.upstream.authority,
            "api_key": self.credentials.api_key,
            "client_id": self.credentials.client_id,
            "client_secret": self.credentials.client_secret,
            "session_secret": self.credentials.session_secret,
            "rs256": self.credentials.signing_pem("rs256"),
            "es256": self.credentials.signing_pem("es256"),
            "hs256": self.credentials.signing_pem("hs256"),
        }


class Peer:
    """One gateway. It serves each of its scenarios as a path of its own."""

    name: str
    title: str
    scenarios: frozenset[str] = PLAIN

    def missing(self) -> str | None:
        """Why it cannot be measured on this machine, if so."""
        raise NotImplementedError

    def version(self) -> str:
        raise NotImplementedError

    def prepare(self, site: Site) -> None:
        """Write its configuration, once."""

    def command(self, site: Site) -> Sequence[str]:
        raise NotImplementedError

    def environment(self, site: Site) -> Mapping[str, str]:
        return {}

    def request(self, site: Site, scenario: Scenario, query: str = "") -> bytes:
        """The bytes of a call, as the load generator sends them."""
        return request(scenario.method, f"/{scenario.name}{query}", session(site, scenario))


def session(site: Site, scenario: Scenario) -> dict[str, str]:
    return {"Authorization": f"Bearer {site.credentials.session()}"} if scenario.user else {}


def request(method: str, target: str, headers: Mapping[str, str]) -> bytes:
    rows = {"Host": "gateway.example", "Accept": "application/json", **headers}
    if method == "POST":
        rows["Content-Length"] = "0"
    head = "".join(f"{name}: {value}\r\n" for name, value in rows.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode()


def first_line(*command: str | Path) -> str:
    """The first line that a program prints, on either stream."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return (done.stdout or done.stderr).strip().splitlines()[0]
