"""The line itself: admit → render → (cache) → authenticate → send → reshape (design section 1).

One run goes through here from top to bottom, whether a caller, a test or a script started it. Each
step writes what it did into the `Run`; nothing else is changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from sealgate.auth.base import Authentication
from sealgate.broker import Obtained, TokenBroker
from sealgate.egress import Egress
from sealgate.errors import DestinationBlocked, MethodNotAllowed, UpstreamTimeout, UserRequired
from sealgate.execution import rendering
from sealgate.execution.cached_exchange import CachedExchange, is_scrubbed
from sealgate.execution.call import Reply
from sealgate.execution.destinations import bind_secrets
from sealgate.execution.fields import returned
from sealgate.execution.path_params import HEADER as PATH_PARAMS_HEADER
from sealgate.execution.path_params import path_params
from sealgate.execution.query import Parameter, caller_pairs, merge_query
from sealgate.execution.redaction import Redactor
from sealgate.execution.run import Run, Step, at
from sealgate.message import HeaderRows, Request, Response
from sealgate.secret import Secret, reveal
from sealgate.settings import Settings
from sealgate.templates import ResponseView, Template, dialect_of

NO_CONTENT = frozenset({204, 205, 304})


class Pipeline:
    """Runs plans. Holds no state of a run."""

    def __init__(
        self, broker: TokenBroker, egress: Egress, settings: Settings, cached: CachedExchange | None = None
    ) -> None:
        self._broker = broker
        self._egress = egress
        self._settings = settings
        self._cached = cached

    async def execute(self, run: Run) -> Reply:
        """Run a plan to its reply. Raises the errors of REFERENCE 10.3."""
        with Step(run, "admit", "setup"):
            admit(run)
            await self._read_body(run)
        response = await self.respond(run)
        return await self.reshape(run, response)

    async def respond(self, run: Run) -> Response:
        """Render the request and get the API's response to it."""
        with Step(run, "render", "transform"):
            authentication = render(run)
        if self._cached is None:
            return await self._send(run, authentication)
        return await self._cached.respond(run, authentication, self._send)

    async def _read_body(self, run: Run) -> None:
        """Hold the caller's body only where a template reads it; else it streams through."""
        method, body = run.plan.method, run.call.body
        if method in ("GET", "HEAD", "OPTIONS"):
            return
        if run.plan.request_body and method in rendering.BODY_METHODS and body is not None:
            body = body if isinstance(body, bytes) else b"".join([chunk async for chunk in body])
            run.context.body = body or None
        run.body = body

    async def _send(
        self, run: Run, authentication: Authentication, preconditions: HeaderRows = ()
    ) -> Response:
        """Authenticate and send; when the API refuses a cached token, once more with a fresh one."""
        obtained = await self._authenticate(run, authentication)
        response = await self._exchange(run, obtained, preconditions)
        if response.status == 401 and await self._broker.refuse(obtained):
            assert run.request is not None
            if run.request.repeatable:
                await response.close()
                obtained = await self._authenticate(run, authentication)
                response = await self._exchange(run, obtained, preconditions)
        return response

    async def _authenticate(self, run: Run, authentication: Authentication) -> Obtained:
        with Step(run, "authenticate", "setup"):
            obtained = await self._broker.credential(authentication, run.tenant.tenant)
            run.obtained.append(obtained)
            return obtained

    async def _exchange(self, run: Run, obtained: Obtained, preconditions: HeaderRows) -> Response:
        request = run.request = assemble(run, obtained, preconditions)
        run.timing.external_host = request.origin.host
        settings = self._settings
        limit = settings.max_response_body if run.plan.reads_response else settings.max_streamed_body
        try:
            with Step(run, "send", "external"):
                response = await self._egress.send(
                    request, timeout=settings.upstream_timeout, max_body=limit, trace=run.trace
                )
        except DestinationBlocked:
            run.timing.external_host = None  # nobody was contacted
            raise
        run.upstream_status = response.status
        run.upstream_headers = response.headers
        return response

    async def reshape(self, run: Run, response: Response) -> Reply:
        """The API's reply as the caller gets it: templated whole, or passed through as it streams."""
        plan = run.plan
        scrub = is_scrubbed(plan, response)
        redactor = run.redactor()
        fields = [(name, redactor.text(value)) for name, value in returned(response.headers)]
        if plan.exchange.response_content_type:
            fields = [row for row in fields if row[0] != "content-type"]
            fields.append(("content-type", plan.exchange.response_content_type))
        if plan.method == "HEAD" or response.status in NO_CONTENT:
            await response.close()
            return Reply(response.status, tuple(fields), b"")
        received = response.body
        if received is None and not plan.reads_response:
            return Reply(response.status, tuple(fields), PassedBody(response, redactor if scrub else None))
        if received is None:
            spent = run.steps[-1].seconds
            with Step(run, "receive", "external"):
                received = await self._within_deadline(spent, response.read)
        body = redactor.data(received) if scrub else received
        if plan.response_body:
            with Step(run, "reshape", "transform"):
                template = plan.response_body
                body = at("response_body", run.context, render_response, run, template, response, body)
        return Reply(response.status, tuple(fields), body)

    async def _within_deadline(self, spent: float, read: Callable[[], Awaitable[bytes]]) -> bytes:
        """The timeout holds for the whole exchange where the whole body is awaited; `spent` seconds of
        it went by until the head."""
        seconds = self._settings.upstream_timeout
        try:
            async with asyncio.timeout(max(seconds - spent, 0.0)):
                return await read()
        except TimeoutError:
            raise UpstreamTimeout(f"the API did not finish its reply within {seconds:g} s") from None


def admit(run: Run) -> None:
    """What can be refused before anything is rendered. Raises MethodNotAllowed, UserRequired and the
    errors of path parameters."""
    plan, call = run.plan, run.call
    if call.method != plan.method:
        raise MethodNotAllowed(
            f"this connector takes {plan.method}, not {call.method}", headers={"Allow": plan.method}
        )
    if plan.needs_user and call.caller.user is None:
        raise UserRequired("this connector acts for a signed-in user; sign in and call again")
    run.context.path_params = path_params(plan, call.header(PATH_PARAMS_HEADER))


def render(run: Run) -> Authentication:
    """Render every field, and see to it that each secret goes only where it may."""
    plan, context = run.plan, run.context
    run.url = at("url", context, plan.url.render, context)
    run.headers = rendering.render_headers(plan, run.call, context)
    run.query = rendering.render_query(plan, context)
    if plan.request_body and plan.method in rendering.BODY_METHODS:
        run.body, run.headers = rendering.render_body(plan, plan.request_body, run.headers, context)
    authentication = rendering.render_authentication(plan, context)
    run.config, run.config_secrets = authentication.config.members, authentication.config.made
    allowed = run.tenant.allowed_hosts
    bind_secrets(context.used_secrets, allowed, [run.url.origin])
    token_urls = [run.config[name].origin for name in plan.authentication.kind.config.url_fields]
    bind_secrets(authentication.config.secrets, allowed, [run.url.origin, *token_urls])
    context.used_secrets |= authentication.config.secrets
    return authentication.value


def assemble(run: Run, obtained: Obtained, preconditions: HeaderRows = ()) -> Request:
    """The request as it goes to the API, the credential written over rows of the same name."""
    assert run.url is not None
    credential = obtained.credential
    headers = [(name, value) for _, name, value in run.headers]
    parameter = None
    if credential and credential.placement == "header":
        headers = [row for row in headers if row[0].lower() != credential.name.lower()]
        headers.append((credential.name, credential.value))
    elif credential:
        parameter = Parameter(credential.name, credential.value)
    query = merge_query(
        run.url.query,
        run.plan.url.query_names,
        [parameter_ for _, parameter_ in run.query],
        caller_pairs(run.call.query),
        parameter,
        forward=run.plan.forward_query,
    )
    target: str | Secret[str] = f"{run.url.path}?{reveal(query)}" if query else run.url.path
    if isinstance(query, Secret):
        target = Secret(reveal(target))
    return Request(run.plan.method, run.url.origin, target, (*headers, *preconditions), run.body)


def render_response(run: Run, template: Template, response: Response, received: bytes) -> bytes:
    """The response template's output (REFERENCE 8.2)."""
    run.context.response = ResponseView(as_text(received), response.status, dict(response.headers))
    # What a later step reads has no content type: a value that stands alone is that value, not JSON.
    declared, incoming = None, None
    if run.plan.final:
        declared = dialect_of(run.plan.exchange.response_content_type)
        incoming = dialect_of(response.header("content-type"))
    text = template.render(run.context, declared=declared, incoming=incoming)
    return reveal(text).encode()


def as_text(body: bytes) -> str | None:
    """As templates see a body: `None` when it is not UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


class PassedBody:
    """The API's body on its way to the caller. Ends the response however it is left: drained, broken,
    or closed before anyone took a piece (a generator that never began would not)."""

    def __init__(self, response: Response, redactor: Redactor | None) -> None:
        chunks = response.chunks()
        self._chunks = redactor.stream(chunks) if redactor else chunks
        self._close = response.close

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._chunks)
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        await self._close()
