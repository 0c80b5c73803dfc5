"""The generated part of docs/benchmarks.md, and its plots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.options import FOLDER
from bench.peers import PEERS
from bench.report import tables
from bench.report.svg import bars

DOCS = FOLDER.parent / "docs"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def write(results: dict[str, Any], target_rows: list[tuple[str, str, str, str]], docs: Path = DOCS) -> None:
    page = docs / "benchmarks.md"
    before, _, rest = page.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    images = _plots(results, docs / "benchmarks")
    text = "\n\n".join(
        [
            _facts(results),
            *images,
            "### Targets",
            _targets(target_rows),
            "### Every figure",
            tables.markdown(tables.HEAD, tables.rows(results)),
            *_absent(results),
        ]
    )
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def _targets(rows: list[tuple[str, str, str, str]]) -> str:
    return tables.markdown(("target", "aim", "reached", "met"), rows)


def _facts(results: dict[str, Any]) -> str:
    machine = results["machine"]
    versions = "; ".join(f"{PEERS[name].title} {text}" for name, text in results["versions"].items())
    return (
        f"{results['date']}, `{results['command']}`, commit `{machine['commit']}`, "
        f"{results['rounds']} rounds of {results['seconds']:g} s. "
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory']}, "
        f"{machine['kernel']}, Python {machine['python']}. Versions: {versions}."
    )


def _absent(results: dict[str, Any]) -> list[str]:
    lines = [f"- {PEERS[name].title}: {reason}" for name, reason in results["missing"].items()]
    lines += [
        f"- {PEERS[each['peer']].title}, {each['scenario'] or 'start'}: failed: "
        f"{each['problem'].splitlines()[0] if each['problem'] else ''}"
        for each in results["failed"]
    ]
    return ["### Not measured", "\n".join(lines)] if lines else []


def _plots(results: dict[str, Any], folder: Path) -> list[str]:
    folder.mkdir(exist_ok=True)
    images = []
    for scenario, title in (("api-key", "API key"), ("oauth", "cached OAuth token"), ("rs256", "RS256")):
        cells = sorted(
            (cell for cell in results["cells"] if cell["scenario"] == scenario),
            key=lambda cell: cell["cpu_microseconds"],
        )
        if not cells:
            continue
        cpu = [(PEERS[cell["peer"]].title, cell["cpu_microseconds"]) for cell in cells]
        images.append(_plot(folder, f"cpu-{scenario}", f"CPU per call, {title}", cpu, "µs"))
        for name, label in (("p50", "median"), ("p99", "99th percentile")):
            late = [
                (PEERS[c["peer"]].title, c["common_rate"][name] / 1000) for c in cells if c["common_rate"]
            ]
            if late:
                rate = next(c["common_rate"]["rate"] for c in cells if c["common_rate"])
                heading = f"Latency at {rate:g} calls/s, {title}, {label}"
                images.append(_plot(folder, f"{name}-{scenario}", heading, late, "ms"))
    return images


def _plot(folder: Path, name: str, title: str, values: list[tuple[str, float]], unit: str) -> str:
    (folder / f"{name}.svg").write_text(bars(title, values, unit=unit, ours="Sealgate"))
    return f"![{title}]({folder.name}/{name}.svg)"
