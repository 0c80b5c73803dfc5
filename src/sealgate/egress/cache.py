"""The HTTP cache: answers from what is stored, asks the API once for all who wait, stores what came.

`cache_rules` decides, `cache_shelf` keeps, this file does what takes time. It knows nothing of
connectors: a request is a key and the header fields that may select a response.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Literal

import structlog

from sealgate.egress import cache_rules as rules
from sealgate.egress.cache_flight import Flight, Landing
from sealgate.egress.cache_prospects import Prospects
from sealgate.egress.cache_rules import CacheRequest, Connector
from sealgate.egress.cache_shelf import Shelf
from sealgate.egress.cache_storage import CacheStorage, Stamp
from sealgate.egress.stored import Stored
from sealgate.errors import SealgateError
from sealgate.message import Response

POLL_SECONDS = 0.01
MOST_WAITS = 2
"""How often a request waits for another one before it goes out itself."""

log = structlog.get_logger(__name__)

Forward = Callable[[rules.Fields, bool], Awaitable[Response]]
"""Asks the API, with preconditions; the flag says that no caller waits for the answer (a refresh)."""


@dataclass(slots=True)
class CacheTrace:
    """What the cache did for one request, and the seconds that it took apart from asking the API."""

    outcome: Literal["miss", "hit", "stale", "revalidated"] = "miss"
    seconds: float = 0.0


class HttpCache:
    """One per process, over a storage that the processes of a machine share."""

    def __init__(
        self,
        storage: CacheStorage,
        key: bytes,
        *,
        memory: int,
        lease_seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`key` makes digests of header values; `memory` is what this process may hold in bytes;
        `lease_seconds` is how long one process may ask the API before another asks as well."""
        self._storage = storage
        self._shelf = Shelf(storage, key, memory)
        self._lease_seconds = lease_seconds
        self._clock = clock
        self._flights: dict[str, Flight] = {}
        self._refreshes: dict[str, asyncio.Task[None]] = {}
        self._prospects = Prospects()

    def is_fruitless(self, connector: Connector) -> bool:
        """Whether a connector's requests should go out without the cache, their replies to `pass_by`."""
        return self._prospects.is_fruitless(connector)

    def pass_by(self, connector: Connector, method: str, response: Response) -> None:
        """Look at the head of a reply that is not to be stored: later ones may be."""
        self._prospects.reconsider(connector, method, response, self._clock())

    async def fetch(self, request: CacheRequest, forward: Forward, trace: CacheTrace) -> Response:
        """The response to a request, stored or from the API. Raises what `forward` raises."""
        began = perf_counter()
        try:
            stored = await self._shelf.read(request)
            if response := self._serve(request, stored, forward, trace):
                return response
            # A response that is never fresh is asked about by each request: nobody can wait for another.
            shares = stored is None or stored.lifetime > 0
            if shares and (leader := self._flights.get(request.flight)):
                shares, stored = await self._follow(leader, request)
                if response := self._serve(request, stored, forward, trace):
                    return response
            flight = Flight()
            if shares:
                flight = self._lead(request)
                stored = await self._take_lease(request, flight, stored)
                if response := self._serve(request, stored, forward, trace):
                    flight.land(Landing.STORED)
                    return response
        finally:
            trace.seconds += perf_counter() - began
        return await self._ask(request, stored, forward, trace, flight)

    async def purge(self, tenant: str, permalink: str | None = None) -> int:
        """Forget a connector's responses, or a tenant's, in every process; how many there were."""
        return await self._storage.purge(tenant, permalink)

    async def invalidate(self, target: str) -> None:
        """Forget what is stored of a target that was changed (RFC 9111 section 4.4)."""
        await self._storage.invalidate(target)

    async def close(self) -> None:
        """End refreshes, finish writes, close the storage."""
        refreshes = tuple(self._refreshes.values())
        for refresh in refreshes:
            refresh.cancel()
        await asyncio.gather(*refreshes, return_exceptions=True)
        await self._shelf.close()
        await self._storage.close()

    def _serve(
        self, request: CacheRequest, stored: Stored | None, forward: Forward, trace: CacheTrace
    ) -> Response | None:
        """The stored response, if it may be used without asking."""
        if stored is None:
            return None
        now = self._clock()
        if stored.is_fresh(now):
            trace.outcome = "hit"
        elif stored.serves_while_revalidating(now):
            trace.outcome = "stale"
            self._refresh(request, stored, forward)
        else:
            return None
        return stored.response(now)

    # -- one request for all who want the same -----------------------------------------------------

    async def _follow(self, leader: Flight, request: CacheRequest) -> tuple[bool, Stored | None]:
        """Wait for another request of this process: whether to lead the next one, and what is stored."""
        stored = None
        for _ in range(MOST_WAITS):
            look_again = await leader.wait()
            stored = await self._shelf.read(request)
            if not look_again or (stored and stored.is_fresh(self._clock())):
                return False, stored
            next_leader = self._flights.get(request.flight)
            if next_leader is None:
                return True, stored
            leader = next_leader
        return False, stored

    def _lead(self, request: CacheRequest) -> Flight:
        def landed(landing: Landing) -> None:
            if self._flights.get(request.flight) is flight:
                del self._flights[request.flight]
            if landing is not Landing.STORED:
                self._shelf.release(request)

        flight = self._flights[request.flight] = Flight(landed)
        return flight

    async def _take_lease(
        self, request: CacheRequest, flight: Flight, stored: Stored | None
    ) -> Stored | None:
        """Be the process that asks, or wait until the one that does has an answer."""
        try:
            stamp = self._shelf.stamp(request)
            if await self._storage.lease(request.flight, self._lease_seconds):
                return stored
            deadline = self._clock() + self._lease_seconds
            # Another process ends it, and a stamp costs nothing to look at.
            while stamp == self._shelf.stamp(request) and self._clock() < deadline:  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)
            return await self._shelf.read(request)
        except BaseException:
            flight.land(Landing.ABANDONED)
            raise

    def _refresh(self, request: CacheRequest, stored: Stored, forward: Forward) -> None:
        """Ask the API while the stale response is served (RFC 5861 section 3), once at a time."""
        if request.flight in self._refreshes:
            return

        async def refresh() -> None:
            if not await self._storage.lease(request.flight, self._lease_seconds):
                return
            flight = self._lead(request)
            try:
                async with asyncio.timeout(self._lease_seconds):
                    response = await self._ask(request, stored, forward, CacheTrace(), flight, refresh=True)
                    await response.read()
            except (SealgateError, TimeoutError) as error:
                log.info("http_cache_not_refreshed", permalink=request.permalink, error=type(error).__name__)
            finally:
                flight.land(Landing.FAILED)

        def done(task: asyncio.Task[None]) -> None:
            del self._refreshes[request.flight]
            if not task.cancelled() and (error := task.exception()):
                log.error("http_cache_refresh_failed", error=type(error).__name__)

        task = self._refreshes[request.flight] = asyncio.create_task(refresh())
        task.add_done_callback(done)

    # -- asking the API ----------------------------------------------------------------------------

    async def _ask(
        self,
        request: CacheRequest,
        stored: Stored | None,
        forward: Forward,
        trace: CacheTrace,
        flight: Flight,
        *,
        refresh: bool = False,
    ) -> Response:
        asked_at, since = self._clock(), self._shelf.stamp(request)
        try:
            response = await forward(rules.preconditions(stored) if stored else (), refresh)
            if stored and response.status == 304:
                await response.close()
                if update := rules.updated(request, stored, response, asked_at, self._clock()):
                    trace.outcome = "revalidated"
                    return self._updated(request, update, since, flight)
                asked_at = self._clock()
                response = await forward((), refresh)
            if stored and response.status in rules.FAILURES and stored.serves_after_error(self._clock()):
                await response.close()
                return self._stale(stored, trace, flight)
        except SealgateError as error:
            if stored and error.status in rules.FAILURES and stored.serves_after_error(self._clock()):
                return self._stale(stored, trace, flight)
            flight.land(Landing.FAILED)
            raise
        except BaseException:
            flight.land(Landing.ABANDONED)
            raise
        return self._taken(request, stored, response, asked_at, since, flight)

    def _updated(self, request: CacheRequest, update: rules.Update, since: Stamp, flight: Flight) -> Response:
        if update.keep:
            self._shelf.keep(request, update.stored, since)
            flight.land(Landing.STORED)
        else:
            self._shelf.forget(request)
            flight.land(Landing.USELESS)
        return update.stored.response(self._clock())

    def _stale(self, stored: Stored, trace: CacheTrace, flight: Flight) -> Response:
        """RFC 5861 section 4."""
        trace.outcome = "stale"
        flight.land(Landing.USELESS)
        return stored.response(self._clock())

    def _taken(
        self,
        request: CacheRequest,
        stored: Stored | None,
        response: Response,
        asked_at: float,
        since: Stamp,
        flight: Flight,
    ) -> Response:
        """The response on its way to the caller; stored when it may be and its body came whole."""
        shared = rules.is_public(request, response.headers)
        head = rules.storable(request, response, asked_at, self._clock(), shared=shared)
        limit = self._storage.entry_limit
        self._prospects.note(request.connector, useful=head is not None)
        if head is None or _declared_length(response) > limit:
            if stored and response.status not in rules.FAILURES:
                self._shelf.forget(request)
            flight.land(Landing.USELESS)
            return response
        if request.method == "HEAD":
            self._shelf.keep(request, head, since)
            flight.land(Landing.STORED)
            return response
        flight.head_came()

        async def chunks() -> AsyncIterator[bytes]:
            parts, size = [], 0
            async for chunk in response.chunks():
                size += len(chunk)
                if size <= limit:
                    parts.append(chunk)
                else:
                    parts.clear()
                    flight.land(Landing.USELESS)
                yield chunk
            if size <= limit:
                self._shelf.keep(request, replace(head, body=b"".join(parts)), since)
                flight.land(Landing.STORED)

        async def close() -> None:
            flight.land(Landing.ABANDONED)
            await response.close()

        return Response(response.status, response.headers, chunks, close)


def _declared_length(response: Response) -> int:
    length = response.header("content-length") or ""
    return int(length) if length.isascii() and length.isdigit() else 0
