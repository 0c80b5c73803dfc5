"""The data plane: `ANY {base_path}[/t/{tenant}]/connectors/{permalink}/execute`, the browser SDK, and
the published keys.

A plain ASGI application, no framework: receive → identify → (the engine) → reply.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sealgate.caller import DEFAULT_TENANT
from sealgate.errors import NotFound, SealgateError
from sealgate.execution.call import Call, Reply
from sealgate.execution.composite import CompositeRun
from sealgate.execution.engine import Engine
from sealgate.execution.run import Run
from sealgate.execution.timing import Timing
from sealgate.message import Fields
from sealgate.request_id import new_request_id
from sealgate.web.access import Access, Identity
from sealgate.web.access_log import AccessLog
from sealgate.web.asgi import Receive, Scope, Send
from sealgate.web.body import Incoming
from sealgate.web.capture import Capture
from sealgate.web.cors import Cors
from sealgate.web.headers import decode, encode
from sealgate.web.key_set import KeySet
from sealgate.web.problems import problem, unexpected
from sealgate.web.recording import Ended, RunRecorder
from sealgate.web.replies import send_bytes, send_stream
from sealgate.web.sdk import Sdk
from sealgate.web.server import ReplyBroken

SECURITY = (
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "private, no-store"),
)
"""What an API answers is shown under our origin: it must not become a page of it."""
ENCODED_SECURITY = tuple(encode(SECURITY))

HEALTH = {"/healthz": b'{"status":"ok"}', "/readyz": b'{"status":"ready"}'}
"""Both say yes: a worker takes connections once its snapshot is loaded, and keeps the last good one."""


def create_app(engine: Engine) -> DataPlane:
    """The data plane over a started engine, whose owner stops it. Raises DocumentInvalid for settings
    of sessions that cannot be used."""
    return DataPlane(engine)


class DataPlane:
    def __init__(self, engine: Engine) -> None:
        settings = engine.settings
        self._engine = engine
        self._cors = Cors(settings.cors_origins, credentials=settings.session_cookie is not None)
        self._access = Access(engine, self._cors)
        self._limit = settings.max_request_body
        self._log = AccessLog(settings.log_level)
        self._recorder = RunRecorder(engine, self._cors)
        self._sdk = Sdk(settings.base_path)
        self._key_set = KeySet(engine)
        base = re.escape(settings.base_path)
        self._route = re.compile(rf"{base}(?:/t/([^/]{{1,100}}))?/connectors/([^/]{{1,255}})/execute")

    async def close(self) -> None:
        """After the last request."""
        self._log.flush()
        await self._recorder.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["raw_path"].decode("latin-1")
        route = self._route.fullmatch(path)
        if route is None:
            await self._elsewhere(scope, path, send)
            return
        fields = decode(scope["headers"])
        permission = self._cors.preflight(scope["method"], fields)
        if permission is not None:
            await send_bytes(send, 204, [*permission, ("x-request-id", new_request_id())], b"")
            return
        tenant, permalink = route[1] or DEFAULT_TENANT, route[2]
        await Execution(self, scope, fields, tenant, permalink).answer(receive, send)

    async def _elsewhere(self, scope: Scope, path: str, send: Send) -> None:
        request_id = new_request_id()
        headers: Sequence[tuple[str, str]] = (("x-request-id", request_id), *SECURITY)
        if path in HEALTH:
            await send_bytes(send, 200, [("content-type", "application/json"), *headers], HEALTH[path])
            return
        try:
            asked = scope["method"], path, decode(scope["headers"])
            file = self._sdk.answer(*asked) or self._key_set.answer(*asked)
            if file is None:
                raise NotFound("there is nothing at this address")
            await send_bytes(send, file.status, file.headers, file.body)
        except SealgateError as error:
            answer = problem(error, request_id)
            await send_bytes(send, answer.status, [*answer.headers, *headers], answer.body)


class Execution:
    """One call, from its header to the line that the log gets about it."""

    __slots__ = (
        "_capture",
        "_error",
        "_fields",
        "_identity",
        "_permalink",
        "_plane",
        "_run",
        "_scope",
        "_tenant",
        "_timing",
    )

    def __init__(self, plane: DataPlane, scope: Scope, fields: Fields, tenant: str, permalink: str) -> None:
        self._plane = plane
        self._scope = scope
        self._fields = fields
        self._tenant = tenant
        self._permalink = permalink
        self._timing = Timing(new_request_id())
        self._identity: Identity | None = None
        self._run: Run | CompositeRun | None = None
        self._capture: Capture | None = None
        self._error: SealgateError | None = None

    async def answer(self, receive: Receive, send: Send) -> None:
        """Run the connector and reply. Raises ReplyBroken when an upstream fails in the middle of a
        body, for the server to end the connection."""
        incoming = Incoming(receive, self._fields, self._plane._limit)
        reply = await self._reply(incoming)
        headers = [
            *reply.headers,
            *self._timing.headers(),
            *self._plane._cors.headers(self._fields),
        ]
        try:
            if isinstance(reply.body, bytes):
                await send_bytes(send, reply.status, headers, reply.body, ENCODED_SECURITY)
            else:
                listen = receive if incoming.finished else None
                await send_stream(send, reply.status, headers, reply.body, listen, ENCODED_SECURITY)
        except SealgateError as error:
            self._error = error.with_traceback(None)
            raise ReplyBroken from None
        except Exception:
            self._error = unexpected(self._timing.request_id, self._scrub)
            raise ReplyBroken from None
        finally:
            self._log(reply.status)

    async def _reply(self, incoming: Incoming) -> Reply:
        """The engine's reply, or an error's."""
        try:
            return await self._execute(incoming)
        except SealgateError as error:
            return self._problem(incoming.failure or error)
        except Exception:
            return self._problem(unexpected(self._timing.request_id, self._scrub))

    async def _execute(self, incoming: Incoming) -> Reply:
        identity = await self._plane._access.identify(self._tenant, self._permalink, self._fields)
        self._identity = identity
        capture = self._capture = self._plane._recorder.capture(self._tenant, self._permalink)
        body = await incoming.open()
        call = Call(
            caller=identity.caller,
            permalink=self._permalink,
            method=self._scope["method"],
            query=self._scope["query_string"].decode("latin-1"),
            headers=self._fields,
            body=capture.request(body) if capture else body,
            request_id=self._timing.request_id,
        )
        self._run = self._plane._engine.begin(call, self._timing)
        reply = await self._plane._engine.run(self._run)
        if capture:
            reply.body = capture.response(reply.body)
        return reply

    def _problem(self, error: SealgateError) -> Reply:
        # Without its traceback: that would hold this object, in a circle.
        self._error = error.with_traceback(None)
        self._timing.error = self._timing.error or error.detail or error.code
        answer = problem(error, self._timing.request_id)
        return Reply(answer.status, answer.headers, answer.body)

    def _scrub(self, text: str) -> str:
        return self._plane._engine.scrub(self._tenant, text)

    def _log(self, status: int) -> None:
        self._plane._log.execution(
            request_id=self._timing.request_id,
            tenant=self._tenant,
            permalink=self._permalink,
            method=self._scope["method"],
            status=status,
            code=self._error.code if self._error else None,
            total_ms=self._timing.total_ms,
            caller=self._identity.source if self._identity else None,
        )
        self._plane._recorder.record(
            Ended(
                self._tenant,
                self._permalink,
                self._scope["method"],
                self._fields,
                self._timing,
                self._identity,
                self._run,
                self._capture,
                status,
                self._error,
            )
        )
