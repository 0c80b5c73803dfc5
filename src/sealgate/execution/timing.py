"""How long each part of an execution took, and the headers that say so (REFERENCE 10.4 and 12)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal

Part = Literal["setup", "transform", "cache", "external"]
Headers = tuple[tuple[str, str], ...]
MEASURED: tuple[Part, ...] = ("setup", "transform", "cache")


class Timing:
    """The stop-watch of one execution: made when the call arrives, read when the reply is written."""

    __slots__ = (
        "_seconds",
        "_started",
        "cache_hit",
        "error",
        "external_host",
        "external_spans",
        "request_id",
        "steps",
        "timed_out",
    )

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.external_host: str | None = None
        self.external_spans: list[tuple[float, float]] = []
        self.timed_out = False
        self.error: str | None = None
        self.cache_hit = False
        self.steps: list[StepTiming] | None = None
        """Of a composite connector, the steps that were reached, in their order."""
        self._seconds: dict[Part, float] = {}
        self._started = perf_counter()

    def add(self, part: Part, began: float, ended: float) -> None:
        """Add what lasted from one reading of the clock to another."""
        self._seconds[part] = self._seconds.get(part, 0.0) + ended - began
        if part == "external":
            self.external_spans.append((began, ended))

    def milliseconds(self, part: Part) -> float:
        return _ms(self._seconds.get(part, 0.0))

    @property
    def total_ms(self) -> float:
        """Milliseconds since the call arrived."""
        return _ms(perf_counter() - self._started)

    def milliseconds_until(self, moment: float) -> float:
        """From when the call arrived to a reading of the clock."""
        return _ms(moment - self._started)

    def began_after(self, other: Timing) -> float:
        """Milliseconds from when another call arrived to when this one did."""
        return other.milliseconds_until(self._started)

    @property
    def external_seconds(self) -> float:
        """Seconds in which an API was waited for, by at least one step."""
        if self.steps is None:
            return self._seconds.get("external", 0.0)
        return _covered(span for step in self.steps for span in step.timing.external_spans)

    def headers(self) -> Headers:
        """`X-Request-ID`, `Server-Timing` and `X-Connector-Timing`, in milliseconds with one decimal. Written
        out by hand: they go along with every reply."""
        total_ms, external_ms = _ms(perf_counter() - self._started), _ms(self.external_seconds)
        total, external, internal = f"{total_ms:.1f}", f"{external_ms:.1f}", f"{total_ms - external_ms:.1f}"
        host, steps = self.external_host, ""
        if self.steps is None:
            spent = self._seconds.get
            setup, transform, cache = [f"{spent(part, 0.0) * 1000:.1f}" for part in MEASURED]
            entries = (
                f'setup;dur={setup};desc="Setup", transform;dur={transform};desc="Template", '
                f'cache;dur={cache};desc="Cache {"Hit" if self.cache_hit else "Miss"}", '
            )
            if host:
                entries += f'external;dur={external};desc="{"Timeout" if self.timed_out else host}", '
        else:
            setup, transform, cache = (f"{self._with_steps(part):.1f}" for part in MEASURED)
            entries = "".join(
                [f'step.{step.name};dur={step.ms};desc="{step.description}", ' for step in self.steps]
            )
            steps = f',"steps":{_ascii_json([step.as_json() for step in self.steps])}'
        more = f',"external_host":"{host}"' if host else ""
        if self.timed_out:
            more += ',"timeout":true'
        if self.error:
            more += f',"error":{_ascii_json(self.error)}'
        return (
            ("x-request-id", self.request_id),
            ("server-timing", f'{entries}total;dur={total};desc="Total"'),
            (
                "x-connector-timing",
                f'{{"request_id":"{self.request_id}","total_ms":{total},"internal_ms":{internal},'
                f'"external_ms":{external},"breakdown":{{"setup_ms":{setup},"transform_ms":{transform},'
                f'"cache_ms":{cache},"http_request_ms":{external}}},'
                f'"cache_hit":{"true" if self.cache_hit else "false"}{steps}{more}}}',
            ),
        )

    def _with_steps(self, part: Part) -> float:
        """Milliseconds of a part here and in every step."""
        timings = (self, *(step.timing for step in self.steps or ()))
        return _ms(sum(timing._seconds.get(part, 0.0) for timing in timings))


@dataclass(slots=True)
class StepTiming:
    """One step of a composite connector; `ms` from its begin to its response."""

    name: str
    index: int
    timing: Timing
    ms: float = 0.0
    skipped: bool = False

    @property
    def description(self) -> str:
        return f"Step: {self.name} (skipped)" if self.skipped else f"Step: {self.name}"

    def end(self) -> None:
        self.ms = self.timing.total_ms

    def as_json(self) -> dict[str, Any]:
        members: dict[str, Any] = {"name": self.name, "index": self.index, "total_ms": self.ms}
        if self.skipped:
            return {**members, "skipped": True}
        members |= {
            "external_ms": self.timing.milliseconds("external"),
            "cache_hit": self.timing.cache_hit,
        }
        if self.timing.external_host:
            members["external_host"] = self.timing.external_host
        if self.timing.timed_out:
            members["timeout"] = True
        return members


def _ascii_json(value: Any) -> str:
    """A header holds ASCII only."""
    return json.dumps(value, separators=(",", ":"))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _covered(spans: Iterable[tuple[float, float]]) -> float:
    """Seconds in which at least one of the spans lasted: steps may wait side by side."""
    total = until = 0.0
    for began, ended in sorted(spans):
        total += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return total
