"""Which connectors gain nothing from the HTTP cache: their requests are spared its cost."""

from __future__ import annotations

from sealgate.egress.cache_rules import CacheRequest, Connector, promises, storable
from sealgate.message import Response

FRUITLESS = 8
"""After so many replies of a connector, none of which could be stored, its requests go straight out."""


class Prospects:
    """Of one process. A connector that ever had a reply worth storing keeps its place in the cache."""

    def __init__(self) -> None:
        self._useless: dict[Connector, int] = {}
        self._fruitless: set[Connector] = set()
        self._fruitful: set[Connector] = set()

    def is_fruitless(self, connector: Connector) -> bool:
        return connector in self._fruitless

    def note(self, connector: Connector, *, useful: bool) -> None:
        """What the cache made of a reply."""
        if useful:
            self._fruitful.add(connector)
            self._fruitless.discard(connector)
        elif connector not in self._fruitful:
            self._useless[connector] = self._useless.get(connector, 0) + 1
            if self._useless[connector] >= FRUITLESS:
                self._fruitless.add(connector)

    def reconsider(self, connector: Connector, method: str, response: Response, now: float) -> None:
        """See whether a reply that passed the cache by could have been stored."""
        if not promises(response):
            return
        tenant, permalink, step = connector
        request = CacheRequest(tenant, permalink, method, key="", target="", step=step)
        if storable(request, response, now, now, shared=False):
            self.note(connector, useful=True)
