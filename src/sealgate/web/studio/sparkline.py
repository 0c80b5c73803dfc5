"""The last runs of a connector as small bars: their height is the latency, their colour how they ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

from sealgate.stores.run_ports import RunPoint
from sealgate.web.studio.explained.run import milliseconds
from sealgate.web.studio.shown import SPARK_HEIGHT, SPARK_WIDTH, ago

STEP = SPARK_WIDTH / 30
"""Width of one of at most 30 runs, with the gap beside it."""
LOWEST = 4.0
"""Height of the fastest run: its colour must be seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`tone`: good, warn (4xx) or bad (an error, or 5xx)."""

    x: float
    y: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`label` says in words what the bars show."""

    bars: tuple[Bar, ...]
    label: str
    failed: int


def sparkline(points: Sequence[RunPoint]) -> Sparkline:
    """Of at least one run, the oldest first; the newest stands at the right. Heights are square roots: one
    slow run leaves the others to be seen."""
    highest = max(point.total_ms for point in points) or 1.0
    begin = SPARK_WIDTH - len(points) * STEP
    bars = []
    for index, point in enumerate(points):
        height = LOWEST + sqrt(point.total_ms / highest) * (SPARK_HEIGHT - LOWEST)
        x, y = begin + index * STEP, SPARK_HEIGHT - height
        bars.append(Bar(round(x, 2), round(y, 1), round(height, 1), _tone(point)))
    return Sparkline(tuple(bars), _label(points), sum(point.outcome == "failed" for point in points))


def _tone(point: RunPoint) -> str:
    if point.outcome == "succeeded":
        return "good"
    return "warn" if point.status < 500 else "bad"


def _label(points: Sequence[RunPoint]) -> str:
    last = points[-1]
    failed = sum(point.outcome == "failed" for point in points)
    runs = f"the last {len(points)} runs" if len(points) > 1 else "one run"
    ended = f"{failed} failed" if failed else "none failed"
    typical = milliseconds(median(point.total_ms for point in points))
    return f"{runs}: {ended}; typically {typical}; the newest {ago(last.at)}: {last.status}"
