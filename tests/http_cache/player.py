"""Plays a case of the public suite over `HttpCache`: its requests, its origin's replies, its checks.

A case is a list of requests; each says what the client sends, what the origin replies when it is asked,
and whether the answer may come from the cache. What a connector's rows would hold is what the case's
client sends. The clock is the case's own: a pause is a step of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from typing import Any

from sealgate.egress import CacheRequest, CacheTrace, HttpCache
from sealgate.errors import UpstreamUnreachable
from sealgate.execution.cache_key import CACHED_METHODS, CONDITIONS, refuses_cache
from sealgate.execution.cached_exchange import SAFE_METHODS
from sealgate.message import Response
from sealgate.stores import ResponseCache

KEY = b"k" * 32
PAUSE_SECONDS = 3
DATES = frozenset({"date", "expires", "last-modified", "if-modified-since", "if-unmodified-since"})
LOCATIONS = frozenset({"location", "content-location"})
NOT_VALIDATED = 999
"""What the origin replies when it should have been asked with a condition and was not."""

Step = dict[str, Any]


class Deviation(Exception):
    """Says what a case expected and did not find."""


@dataclass
class Asked:
    """A request that reached the origin, and the fields of its reply that must reach the client."""

    number: int
    method: str
    headers: dict[str, str]
    replied: dict[str, str]


@dataclass
class Origin:
    """Replies as the case says. `sent` holds the fields of each reply, dates written out."""

    name: str
    steps: list[Step]
    now: float
    asked: list[Asked] = field(default_factory=list)
    sent: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def answer(self, index: int, path: str, headers: dict[str, str]) -> Response:
        step = self.steps[index]
        fields = [
            ("server-request-count", str(len(self.asked) + 1)),
            ("server-now", str(self.now)),
        ]
        must_arrive: dict[str, list[str]] = {}
        own = self._reply_fields(index, path)
        for row, (name, value) in zip(step.get("response_headers", ()), own, strict=True):
            fields.append((name, value))
            if len(row) < 3 or row[2]:
                must_arrive.setdefault(name, []).append(value)
        for name, value in (("content-type", "text/plain"), ("date", formatdate(self.now, usegmt=True))):
            if all(name != other for other, _ in fields):
                fields.append((name, value))
        method = step.get("request_method", "GET")
        replied = {name: ", ".join(values) for name, values in must_arrive.items()}
        self.asked.append(Asked(index + 1, method, headers, replied))
        if step.get("disconnect"):
            raise UpstreamUnreachable("the origin closed the connection")
        status = self._status(index, path, headers)
        empty = method == "HEAD" or status in (204, 304)
        body = b"" if empty else (step.get("response_body") or self.name).encode()

        async def chunks() -> AsyncIterator[bytes]:
            yield body

        async def close() -> None:
            pass

        return Response(status, tuple(fields), chunks, close)

    def _reply_fields(self, index: int, path: str) -> list[tuple[str, str]]:
        """The case's fields of a reply, the same at every reading."""
        step = self.steps[index]
        if index not in self.sent:
            self.sent[index] = [self._written(row, step, path) for row in step.get("response_headers", ())]
        return self.sent[index]

    def _status(self, index: int, path: str, headers: dict[str, str]) -> int:
        step = self.steps[index]
        if not step.get("expected_type", "").endswith("validated"):
            return int(step.get("response_status", (200,))[0])
        before = dict(self._reply_fields(index - 1, path))
        conditions = (("last-modified", "if-modified-since"), ("etag", "if-none-match"))
        met = any(
            before.get(name) and headers.get(condition) == before[name] for name, condition in conditions
        )
        return 304 if met else NOT_VALIDATED

    def _written(self, row: list[Any], step: Step, path: str) -> tuple[str, str]:
        name, value = row[0].lower(), row[1]
        if name in DATES and isinstance(value, int):
            value = http_date(self.now + value, old=name in step.get("rfc850date", ()))
        elif name in LOCATIONS and step.get("magic_locations"):
            value = f"{path}/{value}" if value else path
        return name, str(value)


@dataclass
class Answer:
    """What the client got; `fields` joins fields of one name."""

    status: int
    fields: dict[str, str]
    body: str

    @property
    def number(self) -> int | None:
        """Of the request to the origin that it comes from."""
        count = self.fields.get("server-request-count")
        return None if count is None else int(count)


class Player:
    """Plays one case, over a cache of its own in a new directory."""

    def __init__(self, case: dict[str, Any], directory: Path) -> None:
        self._steps: list[Step] = case["requests"]
        self._origin = Origin(case["id"], self._steps, now=1_700_000_000.0)
        directory.mkdir()
        self._storage = ResponseCache(directory, KEY, 10_000_000)
        self._cache = HttpCache(
            self._storage, KEY, memory=1_000_000, lease_seconds=5, clock=lambda: self._origin.now
        )

    async def play(self) -> None:
        """Raises Deviation."""
        answers: list[Answer | None] = []
        try:
            for index, step in enumerate(self._steps):
                answers.append(await self._client(index, answers[-1] if answers else None))
                await self._settle()
                for problem in self._answer_problems(index, answers[-1]):
                    raise Deviation(f"request {index + 1}: {problem}")
                if "pause_after" in step:
                    self._origin.now += PAUSE_SECONDS
            for problem in self._origin_problems(answers):
                raise Deviation(problem)
        finally:
            await self._cache.close()

    async def _settle(self) -> None:
        """Let writes and refreshes that go on in the background come to their end."""
        for _ in range(4):
            await asyncio.sleep(0)
            await self._storage.read("nothing", str)

    async def _client(self, index: int, before: Answer | None) -> Answer | None:
        """The answer to a request; `None` when the origin could not be reached."""
        step = self._steps[index]
        method = step.get("request_method", "GET")
        headers = dict(self._request_headers(step, before))
        path = f"/test/{self._origin.name}"
        path += f"/{step['filename']}" if "filename" in step else ""
        path += f"?{step['query_arg']}" if "query_arg" in step else ""

        async def forward(preconditions: tuple[tuple[str, str], ...], refresh: bool) -> Response:
            asked = {name.lower(): value for name, value in preconditions}
            return self._origin.answer(index, path, headers | asked)

        try:
            refused = CONDITIONS & headers.keys() or any(refuses_cache(*row) for row in headers.items())
            if method not in CACHED_METHODS or refused:
                response = await forward((), False)
                if method not in SAFE_METHODS and response.status < 400:
                    await self._cache.invalidate(path)
            else:
                identity = headers.get("authorization", "")
                request = CacheRequest(
                    "t", "c", method, key=f"{method} {path} {identity}", target=path, headers=headers
                )
                response = await self._cache.fetch(request, forward, CacheTrace())
        except UpstreamUnreachable:
            return None
        body = (await response.read()).decode()
        fields: dict[str, str] = {}
        for name, value in response.headers:
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        return Answer(response.status, fields, body)

    @staticmethod
    def _request_headers(step: Step, before: Answer | None) -> Iterator[tuple[str, str]]:
        for name, value in step.get("request_headers", ()):
            if name.lower() in DATES and isinstance(value, int):
                assert before is not None
                value = http_date(float(before.fields["server-now"]) + value)
            yield name.lower(), str(value)

    # -- what the case expects ---------------------------------------------------------------------

    def _answer_problems(self, index: int, answer: Answer | None) -> Iterator[str]:
        step = self._steps[index]
        expected = step.get("expected_type")
        if answer is None:
            if not step.get("disconnect") or expected == "cached":
                yield "the origin was asked, and did not answer"
            return
        cached = answer.number is None or answer.number < index + 1
        if expected == "cached" and not cached and answer.status != 304:
            yield "the answer does not come from the cache"
        if expected == "not_cached" and cached:
            yield "the answer comes from the cache"
        status = step.get("expected_status") or step.get("response_status", (200,))[0]
        if answer.status != status:
            yield f"the status is {answer.status}, not {status}"
        yield from self._field_problems(step, answer)
        wanted = self._expected_body(step, answer.status)
        if wanted is not None and answer.body != wanted:
            yield f"the body is {answer.body!r}, not {wanted!r}"

    def _field_problems(self, step: Step, answer: Answer) -> Iterator[str]:
        for row in step.get("expected_response_headers", ()):
            name, *rest = (row,) if isinstance(row, str) else row
            value = answer.fields.get(name.lower())
            if value is None:
                yield f"the field {name} is absent"
            elif len(rest) == 2:
                operator, other = rest
                holds = value == answer.fields.get(other.lower()) if operator == "=" else int(value) > other
                if not holds:
                    yield f"the field {name} is {value}, not {operator} {other}"
            elif rest:
                wanted = rest[0]
                if name.lower() in DATES and isinstance(wanted, int):
                    wanted = http_date(float(answer.fields["server-now"]) + wanted)
                if value != wanted:
                    yield f"the field {name} is {value!r}, not {wanted!r}"
        for row in step.get("expected_response_headers_missing", ()):
            if isinstance(row, str) and row.lower() in answer.fields:
                yield f"the field {row} is there"
            elif not isinstance(row, str) and row[1] in answer.fields.get(row[0].lower(), ""):
                yield f"the field {row[0]} still holds {row[1]}"

    def _expected_body(self, step: Step, status: int) -> str | None:
        if step.get("check_body") is False:
            return None
        if "expected_response_text" in step:
            return step["expected_response_text"]
        if step.get("response_body") is not None:
            return str(step["response_body"])
        return None if status in (204, 304) or step.get("request_method") == "HEAD" else self._origin.name

    def _origin_problems(self, answers: list[Answer | None]) -> Iterator[str]:
        """What the origin should have been asked, request by request."""
        asked = iter(self._origin.asked)
        for number, (step, answer) in enumerate(zip(self._steps, answers, strict=True), 1):
            expected = step.get("expected_type")
            if expected == "cached":
                continue
            request = next(asked, None)
            if request is None:
                if expected or "expected_request_headers" in step:
                    yield f"request {number} did not reach the origin"
                continue
            if expected == "not_cached" and request.number != number:
                yield f"request {number} did not reach the origin"
            condition = {"etag_validated": "if-none-match", "lm_validated": "if-modified-since"}.get(expected)
            if condition and condition not in request.headers:
                yield f"request {number} came without {condition}"
            for row in step.get("expected_request_headers", ()):
                name, *rest = (row,) if isinstance(row, str) else row
                value = request.headers.get(name.lower())
                if value is None or (rest and value != rest[0]):
                    yield f"request {number} came with {name}: {value}"
            for name, value in request.replied.items():
                if answer and name != "date" and answer.fields.get(name) != value:
                    yield f"answer {number} has {name}: {answer.fields.get(name)}, not {value}"
            if request.method != step.get("expected_method", request.method):
                yield f"request {number} came as {request.method}"


def http_date(moment: float, *, old: bool = False) -> str:
    """A date as HTTP writes it; `old`: as RFC 850 did (RFC 9110 section 5.6.7)."""
    if old:
        return datetime.fromtimestamp(moment, UTC).strftime("%A, %d-%b-%y %H:%M:%S GMT")
    return formatdate(moment, usegmt=True)
