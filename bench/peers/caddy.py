"""Caddy as a gateway: a fixed header by `header_up`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence

from bench.filling import fill
from bench.peers.base import CONFIGURATIONS, Peer, Site, first_line


class Caddy(Peer):
    name = "caddy"
    title = "Caddy"

    def missing(self) -> str | None:
        return None if shutil.which("caddy") else "caddy is not installed"

    def version(self) -> str:
        return first_line("caddy", "version").split()[0].removeprefix("v")

    def prepare(self, site: Site) -> None:
        (site.directory / "Caddyfile").write_text(fill(CONFIGURATIONS / "Caddyfile", site.values()))

    def command(self, site: Site) -> Sequence[str]:
        return ["caddy", "run", "--adapter", "caddyfile", "--config", str(site.directory / "Caddyfile")]

    def environment(self, site: Site) -> Mapping[str, str]:
        home = str(site.directory)
        return {"GOMAXPROCS": "1", "HOME": home, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home}
