"""The targets as ratios of one run: what was aimed at, what was reached, yes or no."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bench.report.summary import figure

SIGNING_SHARE = 0.93
"""How much of the time that a signature adds must be OpenSSL's own."""


@dataclass(frozen=True, slots=True)
class Target:
    text: str
    limit: float
    reached: float | None
    """`None`: not measured in this run."""
    unit: str = "×"
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        if self.reached is None:
            return None
        return self.reached >= self.limit if self.at_least else self.reached <= self.limit

    def row(self) -> tuple[str, str, str, str]:
        sign = "≥" if self.at_least else "≤"
        reached = "not measured" if self.reached is None else f"{self.reached:.2f} {self.unit}"
        return (
            self.text,
            f"{sign} {self.limit:.2f} {self.unit}",
            reached,
            {True: "yes", False: "no", None: ""}[self.met],
        )

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


def targets(results: dict[str, Any]) -> list[Target]:
    def ours(scenario: str) -> float | None:
        return figure(results, "sealgate", scenario)

    envoy_key = figure(results, "envoy", "api-key")
    found = [
        Target(f"{title}: CPU against {other}", limit, _ratio(ours(scenario), figure(results, peer, theirs)))
        for scenario, title in (("api-key", "API key"), ("oauth", "cached OAuth"))
        for other, peer, theirs, limit in (
            ("Envoy", "envoy", scenario, 1.3),
            ("express + axios", "express", scenario, 1 / 5),
            ("FastAPI + Authlib", "fastapi-authlib", "oauth", 1 / 12),
        )
    ]
    found.append(Target("five fields: CPU against Envoy's API key", 1.6, _ratio(ours("fields"), envoy_key)))
    found.append(Target("cache hit: CPU", 25.0, ours("cached"), "µs"))
    found.append(
        Target(
            "cache hit: CPU against nginx proxying",
            1.0,
            _ratio(ours("cached"), figure(results, "nginx", "api-key")),
        )
    )
    return [*found, *_latency(results), *_extras(results)]


def _latency(results: dict[str, Any]) -> list[Target]:
    cell = next((c for c in results["cells"] if (c["peer"], c["scenario"]) == ("sealgate", "api-key")), None)
    half = cell["half_load"] if cell else None
    direct = next((d for d in results["direct"] if half and d["rate"] == half["rate"]), None)
    return [
        Target(
            f"latency added at half load, {name}",
            limit,
            (half[name] - direct[name]) / 1000 if half and direct else None,
            "ms",
        )
        for name, limit in (("p50", 0.3), ("p99", 1.5))
    ]


def _extras(results: dict[str, Any]) -> list[Target]:
    extras = results.get("extras")
    if not extras:
        return []
    added = _difference(results, "rs256", "api-key")
    reshaping = _difference(results, "rows", "large")
    lag = extras["lag_microseconds"]
    return [
        Target(
            "RS256: CPU added to an API-key call, against OpenSSL's signature",
            1 / SIGNING_SHARE,
            _ratio(added, extras["openssl_microseconds"]),
        ),
        Target(
            "API-key calls beside RS256 at half load: longest",
            5.0,
            lag["half_load"]["max"] / 1000,
            "ms",
        ),
        Target(
            "template of 80 rows: CPU added to passing through, against a comprehension with orjson",
            3.0,
            _ratio(reshaping, extras["comprehension_microseconds"]),
        ),
        Target(
            "two workers against one, by CPU per call",
            1.8,
            2 / extras["two_workers_cpu_ratio"],
            at_least=True,
        ),
    ]


def _difference(results: dict[str, Any], more: str, less: str) -> float | None:
    high, low = figure(results, "sealgate", more), figure(results, "sealgate", less)
    return None if high is None or low is None else high - low


def _ratio(value: float | None, other: float | None) -> float | None:
    return None if value is None or not other else value / other
