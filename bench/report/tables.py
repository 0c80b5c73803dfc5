"""Tables, for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.peers import PEERS
from bench.scenarios import SCENARIOS

HEAD = ("scenario", "gateway", "CPU µs", "±", "calls/s", "p50 ms", "p99 ms", "p99.9 ms", "MiB", "opened")


def rows(results: dict[str, Any]) -> list[tuple[str, ...]]:
    """A row for each cell: CPU per call with its spread, throughput, latencies at half load, memory,
    connections opened to the upstream after warming up."""
    order = {name: index for index, name in enumerate(SCENARIOS)}
    cells = sorted(results["cells"], key=lambda cell: (order[cell["scenario"]], cell["cpu_microseconds"]))
    return [_row(cell) for cell in cells]


def _row(cell: dict[str, Any]) -> tuple[str, ...]:
    half = cell["half_load"]
    return (
        SCENARIOS[cell["scenario"]].title,
        PEERS[cell["peer"]].title,
        f"{cell['cpu_microseconds']:.1f}",
        f"{cell['cpu_spread'] * 100:.0f} %",
        f"{cell['per_second']:.0f}",
        *(f"{half[name] / 1000:.2f}" if half else "" for name in ("p50", "p99", "p999")),
        f"{cell['memory_bytes'] / 2**20:.0f}",
        str(cell["connections_opened"]),
    )


def plain(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in (head, *body)) for column in range(len(head))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *body)
    )


def markdown(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
