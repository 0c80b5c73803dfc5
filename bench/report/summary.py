"""The figures of a comparison: medians over the rounds, with their spread; plain data for JSON."""

from __future__ import annotations

from typing import Any

from bench.measuring import Paced
from bench.report.statistics import median, percentile, spread
from bench.running import Cell, Comparison


def summary(comparison: Comparison) -> dict[str, Any]:
    return {
        "versions": comparison.versions,
        "missing": comparison.missing,
        "failed": [
            {"peer": peer, "scenario": scenario, "problem": problem}
            for (peer, scenario), problem in comparison.failed.items()
        ],
        "cells": [
            {"peer": peer, "scenario": scenario, **_cell(cell)}
            for (peer, scenario), cell in comparison.cells.items()
            if cell.saturated and (peer, scenario) not in comparison.failed
        ],
        "direct": [_latencies(paced) for paced in comparison.direct.values()],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    cpu = [each.cpu_microseconds for each in cell.saturated]
    return {
        "cpu_microseconds": median(cpu),
        "cpu_spread": spread(cpu),
        "per_second": median(each.per_second for each in cell.saturated),
        "memory_bytes": median(each.memory_bytes for each in cell.saturated),
        "connections_opened": max(each.opened for each in cell.saturated),
        "gateway_core_share": median(each.gateway_core_share for each in cell.saturated),
        "half_load": _latencies(cell.half) if cell.half else None,
        "common_rate": _latencies(cell.common) if cell.common else None,
    }


def _latencies(rounds: list[Paced]) -> dict[str, float]:
    """Percentiles of all rounds together, microseconds."""
    ordered = sorted(each for paced in rounds for each in paced.latencies)
    shares = {"p50": 0.5, "p99": 0.99, "p999": 0.999}
    return {"rate": rounds[0].rate} | {name: percentile(ordered, share) for name, share in shares.items()}


def figure(results: dict[str, Any], peer: str, scenario: str, name: str = "cpu_microseconds") -> float | None:
    """One figure of one cell, if it was measured."""
    for cell in results["cells"]:
        if (cell["peer"], cell["scenario"]) == (peer, scenario):
            value: float = cell[name]
            return value
    return None
