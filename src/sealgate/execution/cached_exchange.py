"""The cache's place on the line: between render and authenticate, so that a hit needs no token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import perf_counter

from sealgate.auth.base import Authentication
from sealgate.egress import CacheTrace, HttpCache
from sealgate.execution.cache_key import cache_request, is_cached, target_digest
from sealgate.execution.plan import Plan
from sealgate.execution.run import Run
from sealgate.message import HeaderRows, Response, whole_response

Send = Callable[[Run, Authentication, HeaderRows], Awaitable[Response]]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CachedExchange:
    """Answers a run from the cache, or sends it and lets the cache see the response."""

    def __init__(self, cache: HttpCache, key: bytes) -> None:
        """`key` makes the digests that stored responses are found by."""
        self._cache = cache
        self._key = key

    async def respond(self, run: Run, authentication: Authentication, send: Send) -> Response:
        if not is_cached(run):
            response = await send(run, authentication, ())
            if run.plan.step and run.plan.method not in SAFE_METHODS and response.status < 400:
                await self._cache.invalidate(target_digest(run, self._key))
            return response
        connector = (run.tenant.tenant, run.plan.permalink, run.plan.step)
        if self._cache.is_fruitless(connector):
            response = await send(run, authentication, ())
            self._cache.pass_by(connector, run.plan.method, response)
            return response
        began = perf_counter()
        request = cache_request(run, authentication, self._key)
        run.timing.add("cache", began, perf_counter())
        trace = CacheTrace()

        async def forward(preconditions: HeaderRows, refresh: bool) -> Response:
            sent = run.detached() if refresh else run
            return _scrubbed(sent, await send(sent, authentication, preconditions))

        try:
            response = await self._cache.fetch(request, forward, trace)
        finally:
            run.timing.add("cache", 0.0, trace.seconds)
        run.timing.cache_hit = trace.outcome != "miss"
        run.upstream_status, run.upstream_headers = response.status, response.headers
        return response


def is_scrubbed(plan: Plan, response: Response) -> bool:
    """Whether secrets are taken out of the body: of replies that are no success, and where asked for."""
    return plan.exchange.scrub_response or not 200 <= response.status < 300


def _scrubbed(run: Run, response: Response) -> Response:
    """Where the body is scrubbed for callers it is so before it is stored: a later run does not know the
    token that this one used."""
    if not is_scrubbed(run.plan, response):
        return response
    redactor = run.redactor()
    if response.body is not None:
        return whole_response(response.status, response.headers, redactor.data(response.body), response.close)
    return replace(response, chunks=lambda: redactor.stream(response.chunks()))
