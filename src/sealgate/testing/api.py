"""A demo API that records what it receives and echoes it.

| path | answers |
|---|---|
| any other | 200, the request as JSON |
| `/status/<n>` | status n, the request as JSON: an API whose error page prints what it got |
| `/bytes/<n>` | n bytes of every value, as `application/octet-stream` |
| `/slow/<seconds>` | the echo, after a pause before the head |
| `/stream/<n>` | n lines, chunked |
| `/html`, `/gzip` | a page; the echo with `Content-Encoding: gzip` |
| `/redirect` | 302 to `/redirected` |
| `/set-cookie` | many response headers: cookies, CORS, limits, validators |
| `/protected`, `/protected/…` | the echo, or 401 unless `accepts` knows the Bearer token |
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus

from sealgate.testing.wire import Hangup, Received, Reply, WireServer

JSON = [("Content-Type", "application/json")]
HTML_PAGE = b"<!doctype html><title>Demo</title><h1>It's a page &amp; no JSON</h1>"
MANY_HEADERS = [
    *JSON,
    ("Set-Cookie", "upstream_session=abc; Path=/; HttpOnly"),
    ("Set-Cookie", "upstream_theme=dark"),
    ("Location", "https://elsewhere.example/"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Credentials", "true"),
    ("Strict-Transport-Security", "max-age=63072000"),
    ("Content-Security-Policy", "default-src *"),
    ("Server", "demo-api"),
    ("X-Powered-By", "demo"),
    ("X-Internal-Host", "node-7"),
    ("X-RateLimit-Limit", "100"),
    ("X-RateLimit-Remaining", "99"),
    ("RateLimit-Policy", "100;w=60"),
    ("ETag", '"v1"'),
    ("Last-Modified", "Tue, 03 Mar 2026 10:00:00 GMT"),
    ("Retry-After", "7"),
    ("Link", '</page/2>; rel="next"'),
    ("Content-Language", "en"),
    ("Content-Disposition", 'attachment; filename="demo.json"'),
]


@dataclass
class _Scripted:
    reply: Reply
    path: str | None
    left: int


class FakeApi(WireServer):
    """`with FakeApi() as api:` serves on `api.origin`; `api.requests` holds what came.

    `accepts` decides whether a Bearer token opens what is under `/protected`, for example
    `OAuthServer.accepts`; without it no token does."""

    def __init__(self, *, accepts: Callable[[str], bool] | None = None, port: int = 0) -> None:
        super().__init__(port)
        self._accepts = accepts
        self._scripted: list[_Scripted] = []

    def reply_with(
        self,
        status: int,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes | str = b"",
        *,
        path: str | None = None,
        times: int = 1,
    ) -> None:
        """Answer the next `times` requests (of `path`, when given) with this instead of the route's reply.

        Several scripts are used up in the order they were given."""
        content = body.encode() if isinstance(body, str) else body
        with self._lock:
            self._scripted.append(_Scripted(Reply(status, list(headers), content), path, times))

    def answer(self, received: Received) -> Reply:
        if scripted := self._next_scripted(received.path):
            return scripted
        for pattern, route in _ROUTES:
            if match := pattern.fullmatch(received.path):
                return route(self, received, *match.groups())
        return echo(received)

    def _next_scripted(self, path: str) -> Reply | None:
        with self._lock:
            for script in self._scripted:
                if script.left and script.path in (None, path):
                    script.left -= 1
                    return script.reply
        return None

    def _status(self, received: Received, status: str) -> Reply:
        return replace(echo(received), status=int(status))

    def _bytes(self, received: Received, size: str) -> Reply:
        return Reply(200, [("Content-Type", "application/octet-stream")], every_byte(int(size)))

    def _slow(self, received: Received, seconds: str) -> Reply:
        if self.closing.wait(float(seconds)):
            raise Hangup
        return echo(received)

    def _stream(self, received: Received, lines: str) -> Reply:
        return Reply(200, [("Content-Type", "text/plain; charset=utf-8")], _lines(int(lines)))

    def _html(self, received: Received) -> Reply:
        return Reply(200, [("Content-Type", "text/html; charset=utf-8")], HTML_PAGE)

    def _gzip(self, received: Received) -> Reply:
        return Reply(200, [*JSON, ("Content-Encoding", "gzip")], gzip.compress(echo_body(received)))

    def _redirect(self, received: Received) -> Reply:
        return replace(echo(received), status=302, headers=[*JSON, ("Location", f"{self.origin}/redirected")])

    def _many_headers(self, received: Received) -> Reply:
        return replace(echo(received), headers=MANY_HEADERS)

    def _protected(self, received: Received) -> Reply:
        scheme, _, token = (received.header("Authorization") or "").partition(" ")
        if scheme == "Bearer" and self._accepts is not None and self._accepts(token):
            return echo(received)
        challenge = ("WWW-Authenticate", 'Bearer realm="demo", error="invalid_token"')
        return Reply(HTTPStatus.UNAUTHORIZED, [*JSON, challenge], b'{"error": "invalid_token"}')


_ROUTES: list[tuple[re.Pattern[str], Callable[..., Reply]]] = [
    (re.compile(r"/status/([2-5]\d\d)"), FakeApi._status),
    (re.compile(r"/bytes/(\d+)"), FakeApi._bytes),
    (re.compile(r"/slow/(\d+(?:\.\d+)?)"), FakeApi._slow),
    (re.compile(r"/stream/(\d+)"), FakeApi._stream),
    (re.compile(r"/html"), FakeApi._html),
    (re.compile(r"/gzip"), FakeApi._gzip),
    (re.compile(r"/redirect"), FakeApi._redirect),
    (re.compile(r"/set-cookie"), FakeApi._many_headers),
    (re.compile(r"/protected(?:/.*)?"), FakeApi._protected),
]


def echo(received: Received) -> Reply:
    """200 with the request as JSON."""
    return Reply(200, JSON, echo_body(received))


def echo_body(received: Received) -> bytes:
    """The request as JSON; `body` is text, or `{"base64": …}` when it is no UTF-8."""
    try:
        body: object = received.body.decode()
    except UnicodeDecodeError:
        body = {"base64": base64.b64encode(received.body).decode()}
    return json.dumps(
        {
            "method": received.method,
            "target": received.target,
            "path": received.path,
            "query": received.query,
            "headers": received.headers,
            "body": body,
        }
    ).encode()


def every_byte(size: int) -> bytes:
    """`size` bytes that run through all 256 values."""
    return (bytes(range(256)) * (size // 256 + 1))[:size]


def _lines(number: int) -> Iterator[bytes]:
    for line in range(number):
        yield f"line {line}\n".encode()
