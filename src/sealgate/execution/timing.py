"""How long each part of an execution took, and the headers that say so (REFERENCE 10.4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, Literal

Part = Literal["setup", "transform", "cache", "external"]


class Timing:
    """The stop-watch of one execution: made when the call arrives, read when the reply is written."""

    __slots__ = ("_seconds", "_started", "cache_hit", "error", "external_host", "request_id", "timed_out")

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.external_host: str | None = None
        self.timed_out = False
        self.error: str | None = None
        self.cache_hit = False
        self._seconds: dict[Part, float] = {}
        self._started = perf_counter()

    @contextmanager
    def measure(self, part: Part) -> Iterator[None]:
        """Add the time spent inside to a part."""
        began = perf_counter()
        try:
            yield
        finally:
            self._seconds[part] = self._seconds.get(part, 0.0) + perf_counter() - began

    def milliseconds(self, part: Part) -> float:
        return round(self._seconds.get(part, 0.0) * 1000, 1)

    @property
    def total_ms(self) -> float:
        """Milliseconds since the call arrived."""
        return round((perf_counter() - self._started) * 1000, 1)

    def headers(self) -> tuple[tuple[str, str], ...]:
        """`X-Request-ID`, `Server-Timing` and `X-Connector-Timing`, as of now."""
        total = self.total_ms
        external = self.milliseconds("external")
        setup, transform, cache = (self.milliseconds(part) for part in ("setup", "transform", "cache"))
        entries = [
            f'setup;dur={setup};desc="Setup"',
            f'transform;dur={transform};desc="Template"',
            f'cache;dur={cache};desc="{"Cache Hit" if self.cache_hit else "Cache Miss"}"',
        ]
        if self.external_host:
            description = "Timeout" if self.timed_out else self.external_host
            entries.append(f'external;dur={external};desc="{description}"')
        entries.append(f'total;dur={total};desc="Total"')
        document: dict[str, Any] = {
            "request_id": self.request_id,
            "total_ms": total,
            "internal_ms": round(total - external, 1),
            "external_ms": external,
            "breakdown": {
                "setup_ms": setup,
                "transform_ms": transform,
                "cache_ms": cache,
                "http_request_ms": external,
            },
            "cache_hit": self.cache_hit,
        }
        if self.external_host:
            document["external_host"] = self.external_host
        if self.timed_out:
            document["timeout"] = True
        if self.error:
            document["error"] = self.error
        return (
            ("x-request-id", self.request_id),
            ("server-timing", ", ".join(entries)),
            ("x-connector-timing", json.dumps(document, separators=(",", ":"))),
        )
