"""Medians and percentiles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

__all__ = ["median", "percentile", "spread"]


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed (nearest rank).
    `ordered` is sorted; raises ValueError when it is empty."""
    if not ordered:
        raise ValueError("no values")
    rank = -int(-len(ordered) * share // 1)
    return ordered[min(max(rank, 1), len(ordered)) - 1]


def spread(values: Iterable[float]) -> float:
    """Half the distance from the smallest to the largest value, as a share of the median."""
    known = sorted(values)
    return (known[-1] - known[0]) / 2 / median(known) if median(known) else 0.0
