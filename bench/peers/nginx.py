"""nginx as a gateway: a fixed header by `proxy_set_header`, the cache by `proxy_cache`."""

from __future__ import annotations

from collections.abc import Sequence

from bench.filling import fill
from bench.peers.base import CONFIGURATIONS, PLAIN, Peer, Site, first_line
from bench.upstream import nginx, nginx_user


class Nginx(Peer):
    name = "nginx"
    title = "nginx"
    scenarios = PLAIN | {"cached"}

    def missing(self) -> str | None:
        return None if nginx() else "nginx is not installed"

    def version(self) -> str:
        return first_line(nginx() or "", "-v").rpartition("/")[2].split()[0]

    def prepare(self, site: Site) -> None:
        text = fill(CONFIGURATIONS / "nginx.conf", {**site.values(), "user": nginx_user()})
        (site.directory / "nginx.conf").write_text(text)

    def command(self, site: Site) -> Sequence[str]:
        return [nginx() or "", "-c", str(site.directory / "nginx.conf"), "-p", str(site.directory)]
