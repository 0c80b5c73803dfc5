"""The gateways that are compared, one class each. `PEERS` is the order in which they are measured."""

from __future__ import annotations

from bench.peers.base import Peer, Site
from bench.peers.caddy import Caddy
from bench.peers.envoy import Envoy
from bench.peers.nginx import Nginx
from bench.peers.programs import Express, FastApiAuthlib, FastApiHttpx, Fastify
from bench.peers.sealgate import Sealgate

__all__ = ["PEERS", "Peer", "Site"]

PEERS: dict[str, Peer] = {
    peer.name: peer
    for peer in (
        Sealgate(),
        Nginx(),
        Envoy(),
        Caddy(),
        Fastify(),
        Express(),
        FastApiHttpx(),
        FastApiAuthlib(),
    )
}
