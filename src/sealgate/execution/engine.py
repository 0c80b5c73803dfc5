"""The composition root: everything that one process needs to run connectors."""

from __future__ import annotations

import asyncio
import itertools
import time
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import structlog

from sealgate.auth.base import TokenReply
from sealgate.broker import TokenBroker
from sealgate.caller import ANONYMOUS
from sealgate.egress import HttpCache, egress_from
from sealgate.errors import DocumentInvalid, SealgateError, Unexpected, UpstreamTimeout
from sealgate.execution.cached_exchange import CachedExchange
from sealgate.execution.call import Call, Reply
from sealgate.execution.check import Checked, check_document
from sealgate.execution.compiling import World
from sealgate.execution.composite import CompositePipeline, CompositeRun, begin_unsent
from sealgate.execution.explain import debug_request, unsent_request
from sealgate.execution.explain_composite import debug_composite, explain_any
from sealgate.execution.pipeline import Pipeline
from sealgate.execution.plan import CompositePlan, Plan
from sealgate.execution.run import Run, Step
from sealgate.execution.snapshot import TenantSnapshot
from sealgate.execution.timing import Timing
from sealgate.execution.trial import TestRequest, TestResult, scrubbed
from sealgate.message import Request
from sealgate.request_id import new_request_id
from sealgate.settings import Settings
from sealgate.stores import ResponseCache, SqlStore, open_store
from sealgate.stores.ports import StoredConnector
from sealgate.templates import Context, ResponseView

log = structlog.get_logger(__name__)

CHANGE_POLL_SECONDS = 0.2
LOOKS_BEFORE_A_QUERY = 5
TOKEN_REPLY_LIMIT = 1024 * 1024
MOST_CACHE_MEMORY = 32 * 1024 * 1024
"""Bytes of cached responses that one process holds in front of the shared ones."""


class Engine:
    """Runs, checks and tests connectors over one store. Use `start` and `stop`, or `async with`."""

    def __init__(self, settings: Settings, store: SqlStore, cache_directory: Path | None) -> None:
        """`cache_directory` is where cached responses are kept; `None`: in memory."""
        self.settings = settings
        self.store = store
        self.egress = egress_from(settings)
        self.broker = TokenBroker(
            store.tokens,
            self._request_token,
            store.derive_key("token-fingerprint"),
            fetch_seconds=settings.upstream_timeout,
        )
        self.cache = _http_cache(settings, store, cache_directory)
        cached = CachedExchange(self.cache, store.derive_key("http-cache-keys")) if self.cache else None
        self._pipeline = Pipeline(self.broker, self.egress, settings, cached)
        self._composites = CompositePipeline(self._pipeline, settings.composite_timeout)
        self._tenants: dict[str, TenantSnapshot] = {}
        self.change = -1
        """The number of the last change of the store that is in force here."""
        self._refreshing = asyncio.Lock()
        self._watcher: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, settings: Settings) -> Self:
        """Open the store, load the snapshot and follow its changes.

        Raises StoreUnusable or ValueError with a sentence for the operator."""
        engine = await cls.over(await open_store(settings), settings, cache_directory=settings.data)
        engine._watcher = asyncio.create_task(engine._watch())
        return engine

    @classmethod
    async def over(cls, store: SqlStore, settings: Settings, *, cache_directory: Path | None = None) -> Self:
        """Load the snapshot of a store that this engine alone changes; the store is the engine's to close."""
        try:
            engine = cls(settings, store, cache_directory)
            await engine.refresh()
        except BaseException:
            await store.close()
            raise
        return engine

    async def stop(self) -> None:
        if self._watcher:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        if self.cache:
            await self.cache.close()
        await self.broker.close()
        await self.egress.close()
        await self.store.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # -- snapshots ---------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Bring the store's present content into force for the calls that begin from now on."""
        async with self._refreshing:
            counter = await self.store.change_counter()
            if counter == self.change:
                return
            # A counter that went back belongs to an older store: a backup was put in its place.
            since, known = (self.change, self._tenants) if counter > self.change else (-1, {})
            held = {name: snapshot.connectors for name, snapshot in known.items()}
            self.change, contents = await self.store.load_changed(since, held)
            self._tenants = known | {
                content.tenant: TenantSnapshot.of(content, known.get(content.tenant)) for content in contents
            }

    async def _watch(self) -> None:
        """Follow changes that other processes made. A failing store leaves the last snapshot in force."""
        for look in itertools.count():
            await asyncio.sleep(CHANGE_POLL_SECONDS)
            # A file that was put in the place of the database's is not seen by a look alone.
            if not self.store.written_to() and look % LOOKS_BEFORE_A_QUERY:
                continue
            try:
                await self.refresh()
            except Exception as error:
                log.warning("snapshot_not_refreshed", error=type(error).__name__)

    def tenant(self, name: str) -> TenantSnapshot:
        """The tenant's snapshot; an unknown tenant has an empty one."""
        return self._tenants.get(name) or TenantSnapshot.empty(name)

    def has_tenant(self, name: str) -> bool:
        """Whether anything is stored for the tenant."""
        return name in self._tenants

    def scrub(self, tenant: str, text: str) -> str:
        """The text without any live secret of the tenant."""
        return self.tenant(tenant).redactor.text(text)

    # -- checking ----------------------------------------------------------------------------------

    def check(
        self, tenant: str, document: Any, new_secrets: Mapping[str, tuple[str, ...]] | None = None
    ) -> Checked:
        """Every fault and warning of a connector document in this tenant. `new_secrets`, with their allowed
        hosts, are taken to be there."""
        world = self._world(self.tenant(tenant))
        if new_secrets:
            hosts = {**world.allowed_hosts, **{name: only for name, only in new_secrets.items() if only}}
            names = (world.secrets or frozenset()) | new_secrets.keys()
            key_pairs = (world.key_pairs or frozenset()) | new_secrets.keys()
            world = replace(world, allowed_hosts=hosts, secrets=names, key_pairs=key_pairs)
        return check_document(document, world)

    def _world(self, snapshot: TenantSnapshot) -> World:
        return World(
            refusal=self.egress.refusal,
            allowed_hosts=snapshot.allowed_hosts,
            secrets=frozenset(snapshot.secrets),
            key_pairs=frozenset(snapshot.key_ids),
            variables=frozenset(snapshot.variables),
            allow_literal_credentials=self.settings.allow_literal_credentials,
        )

    def _plan(self, snapshot: TenantSnapshot, permalink: str) -> Plan | CompositePlan:
        def check(stored: StoredConnector) -> Checked:
            return check_document(stored.document, self._world(snapshot))

        return snapshot.plan(permalink, check)

    def unsent(self, tenant: str, plan: Plan, request: TestRequest) -> dict[str, Any]:
        """The request that a checked document would send for a caller: `method`, `url`, `headers`, `body`.
        Nothing is sent, and every secret is a placeholder.

        Raises what rendering raises (REFERENCE 10.3)."""
        timing = Timing(new_request_id())
        call = request.call(tenant, plan.permalink, plan.method, timing.request_id)
        run = self._run(plan, self.tenant(tenant), call, timing)
        assert isinstance(run, Run)
        return unsent_request(run)

    async def unsent_steps(
        self, tenant: str, plan: CompositePlan, request: TestRequest, answers: Mapping[str, ResponseView]
    ) -> list[dict[str, Any] | SealgateError]:
        """The request of each step, as `unsent` gives it, or why there is none; `answers` is what templates
        have as `steps`. Raises UserRequired."""
        timing = Timing(new_request_id())
        call = request.call(tenant, plan.permalink, plan.method, timing.request_id)
        run = self._run(plan, self.tenant(tenant), call, timing)
        assert isinstance(run, CompositeRun)
        shown: list[dict[str, Any] | SealgateError] = []
        for step in await begin_unsent(run, answers):
            try:
                shown.append(unsent_request(step))
            except SealgateError as error:
                shown.append(scrubbed(error, run.redactor()))
        return shown

    # -- running -----------------------------------------------------------------------------------

    def method(self, tenant: str, permalink: str) -> str:
        """The method that callers of a stored connector use. Raises ConnectorNotFound and
        ConnectorMisconfigured."""
        return self._plan(self.tenant(tenant), permalink).method

    async def execute(self, call: Call, timing: Timing) -> Reply:
        """Run a stored connector. Raises SealgateError, scrubbed."""
        return await self.run(self.begin(call, timing))

    def begin(self, call: Call, timing: Timing) -> Run | CompositeRun:
        """A stored connector's run, for `run`. Raises ConnectorNotFound and ConnectorMisconfigured."""
        snapshot = self.tenant(call.caller.tenant)
        began = perf_counter()
        plan = self._plan(snapshot, call.permalink)
        timing.add("setup", began, perf_counter())
        return self._run(plan, snapshot, call, timing)

    def _run(
        self, plan: Plan | CompositePlan, snapshot: TenantSnapshot, call: Call, timing: Timing
    ) -> Run | CompositeRun:
        context = Context(
            tenant_id=snapshot.tenant,
            user=call.caller.user or ANONYMOUS,
            now=int(time.time()),
            secrets=snapshot.secrets,
            variables=snapshot.variables,
            key_ids=snapshot.key_ids,
            fixed=snapshot.fixed,
        )
        if isinstance(plan, CompositePlan):
            return CompositeRun(plan, snapshot, call, timing, context)
        return Run(plan, snapshot, call, timing, context)

    async def run(self, run: Run | CompositeRun) -> Reply:
        """Run it to its reply; the run then holds what happened. Raises SealgateError, scrubbed."""
        try:
            if isinstance(run, CompositeRun):
                return await self._composites.execute(run)
            return await self._pipeline.execute(run)
        except SealgateError as error:
            run.timing.timed_out = isinstance(error, UpstreamTimeout)
            scrubbed(error, run.redactor())
            run.timing.error = error.detail or error.code
            raise
        except Exception:
            trace = run.redactor().text(traceback.format_exc())
            log.error("unexpected_error", request_id=run.call.request_id, traceback=trace)  # noqa: TRY400
            run.timing.error = "Unexpected error"
            raise Unexpected(
                "an unexpected error; the operator finds it in the log by the request id"
            ) from None

    async def _request_token(self, request: Request) -> TokenReply:
        """One token request through the same egress as every other (RFC 6749 section 3.2)."""
        seconds = self.settings.upstream_timeout
        try:
            async with asyncio.timeout(seconds):
                response = await self.egress.send(request, timeout=seconds, max_body=TOKEN_REPLY_LIMIT)
                body = await response.read()
        except TimeoutError:
            raise UpstreamTimeout(f"the token endpoint did not answer within {seconds:g} s") from None
        return TokenReply(response.status, dict(response.headers), body)

    # -- testing -----------------------------------------------------------------------------------

    async def test(self, tenant: str, target: Mapping[str, Any] | str, request: TestRequest) -> TestResult:
        """Run a stored connector (a permalink) or an unsaved document, and explain the run.

        Raises DocumentInvalid or ConnectorNotFound when there is nothing to run; a run that fails is a
        result."""
        snapshot = self.tenant(tenant)
        if isinstance(target, str):
            plan = self._plan(snapshot, target)
        else:
            checked = self.check(tenant, target)
            if checked.plan is None:
                raise DocumentInvalid("the connector has faults", fields=checked.faults)
            plan = checked.plan
        request_id = new_request_id()
        timing = Timing(request_id)
        call = request.call(tenant, plan.permalink, plan.method, request_id)
        run = self._run(plan, snapshot, call, timing)
        if isinstance(run, CompositeRun):
            run.keeps_refusals = True
        run.context.fixed = {}  # an unsaved document leaves nothing behind
        status, body = 500, b""
        headers: tuple[tuple[str, str], ...] = ()
        error: SealgateError | None = None
        try:
            reply = await self.run(run)
            status, headers = reply.status, reply.headers
            body = run.redactor().data(await _whole(run, reply))
        except SealgateError as failure:
            error, status = scrubbed(failure, run.redactor()), failure.status
        total_ms, redactor = timing.total_ms, run.redactor()
        sent = debug_composite(run) if isinstance(run, CompositeRun) else debug_request(run)
        return TestResult(
            status=status,
            headers=(*headers, *timing.headers()),
            body=body,
            explain=redactor.tree(explain_any(run, error)),
            debug_request=redactor.tree(sent),
            error=error,
            request_id=request_id,
            total_ms=total_ms,
        )


async def _whole(run: Run | CompositeRun, reply: Reply) -> bytes:
    """The body of a reply, drained as a caller does it."""
    if isinstance(reply.body, bytes):
        return reply.body
    last = run if isinstance(run, Run) else [step.run for step in run.reached() if step.reply][-1]
    with Step(last, "receive", "external"):
        return b"".join([part async for part in reply.body])


def _http_cache(settings: Settings, store: SqlStore, directory: Path | None) -> HttpCache | None:
    size = settings.cache_size
    if size == 0:
        return None
    return HttpCache(
        ResponseCache(directory, store.derive_key("http-cache"), size),
        store.derive_key("http-cache-keys"),
        memory=min(MOST_CACHE_MEMORY, size // 4),
        lease_seconds=settings.upstream_timeout,
    )
