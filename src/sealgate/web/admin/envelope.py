"""Around every route: a request id, security headers, and a reply even where the code is wrong.

Pure ASGI: it sees the reply of every route, error and unknown path alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sealgate.caller import DEFAULT_TENANT
from sealgate.errors import SealgateError
from sealgate.execution.engine import Engine
from sealgate.request_id import new_request_id
from sealgate.web.admin.problems import reply
from sealgate.web.problems import unexpected

SECURITY = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class Envelope:
    """`scope["state"]["request_id"]` is what the reply's `X-Request-ID` and an error's `request_id` say.
    `answer` makes the reply to an error that nobody expected; a reply may set its own `Cache-Control`."""

    def __init__(
        self,
        app: ASGIApp,
        engine: Engine,
        security: Mapping[str, str] = SECURITY,
        answer: Callable[[SealgateError, str], ASGIApp] = reply,
    ) -> None:
        self.app = app
        self.engine = engine
        self.security = security
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = new_request_id()
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                # A test run has an id of its own, and says it in its envelope.
                headers.setdefault("x-request-id", request_id)
                for name, value in self.security.items():
                    if name != "cache-control" or name not in headers:
                        headers[name] = value
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:
            tenant = scope.get("path_params", {}).get("tenant", DEFAULT_TENANT)
            error = unexpected(request_id, lambda text: self.engine.scrub(tenant, text))
            if not started:
                await self.answer(error, request_id)(scope, receive, send_with_headers)
