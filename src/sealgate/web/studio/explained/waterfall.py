"""The steps of a run as bars on one scale of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

THINNEST = 0.6
"""Per cent of the width that the shortest bar has: it must be seen."""
OURS, TOKEN, NETWORK, WAIT = "ours", "token", "network", "wait"
NAMES = {
    "admit": ("Check the call", OURS),
    "condition": ("Evaluate the condition", OURS),
    "render": ("Render the templates", OURS),
    "receive": ("Receive the body", NETWORK),
    "reshape": ("Transform the response", OURS),
}
CREDENTIALS = {
    "none": "No credential needed",
    "static": "Take the key",
    "signed": "Sign the JWT",
    "cache": "Take the token kept from before",
    "fetched": "Get a token",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """`at_ms` counts from the beginning of the call. `x` and `width` are per cent of the whole."""

    name: str
    kind: str
    at_ms: float
    ms: float
    note: str = ""
    x: float = 0.0
    width: float = THINNEST


def bars_of_run(explained: Mapping[str, Any]) -> list[Bar]:
    """Of one connector, or of one step of a composite one."""
    return _scaled(list(_bars(explained)))


def bars_of_steps(explained: Mapping[str, Any]) -> list[Bar]:
    """Of a composite connector: a bar for each step that was reached."""
    bars, at = [], 0.0
    for step in explained["steps"]:
        at = step.get("at_ms", at)
        kind = "skipped" if step["skipped"] else "failed" if step["error"] else WAIT
        bars.append(Bar(step["name"], kind, at, step["ms"], "skipped" if step["skipped"] else ""))
        at += step["ms"]
    return _scaled(bars)


def _bars(explained: Mapping[str, Any]) -> Iterator[Bar]:
    steps: Sequence[Mapping[str, Any]] = explained.get("steps") or ()
    authentication = explained.get("authentication") or {}
    connection = explained.get("connection") or {}
    last_sent = max((index for index, step in enumerate(steps) if step["name"] == "send"), default=-1)
    last_obtained = max((i for i, step in enumerate(steps) if step["name"] == "authenticate"), default=-1)
    at = 0.0
    for index, step in enumerate(steps):
        name, at, ms = step["name"], step.get("at_ms", at), step["ms"]
        if name == "send" and index == last_sent:
            yield from _exchange(at, ms, connection)
        elif name == "send":
            yield Bar("First try, refused with 401", WAIT, at, ms)
        elif name == "authenticate" and index == last_obtained:
            yield _obtained(at, ms, authentication)
        elif name == "authenticate":
            yield Bar(CREDENTIALS["cache"], TOKEN, at, ms, "the API refused it")
        else:
            words, kind = NAMES.get(name, (name, OURS))
            yield Bar(words, kind, at, ms)
        at += ms


def _obtained(at: float, ms: float, authentication: Mapping[str, Any]) -> Bar:
    endpoint = authentication.get("token_endpoint") or {}
    source = authentication.get("source")
    words = CREDENTIALS.get(source or "", "Get a token" if endpoint else "Obtain the credential")
    note = f"the token endpoint answered {endpoint['status']}" if endpoint.get("status") else ""
    return Bar(words, TOKEN, at, ms, note)


def _exchange(at: float, ms: float, connection: Mapping[str, Any]) -> Iterator[Bar]:
    """Connect (resolve the name, TCP, and a proxy if there is one), TLS, and wait."""
    spent = min(connection.get("connect_ms") or 0.0, ms)
    tls = min(connection.get("tls_ms") or 0.0, spent)
    through = f" through the proxy {connection['proxy']}" if connection.get("proxy") else ""
    if spent:
        yield Bar("Connect", NETWORK, at, spent - tls, f"{connection.get('address') or ''}{through}".strip())
    if tls:
        yield Bar("TLS", NETWORK, at + spent - tls, tls)
    note = "on a connection kept from before" if connection.get("reused") else ""
    yield Bar("Wait for the API", WAIT, at + spent, ms - spent, note)


def _scaled(bars: list[Bar]) -> list[Bar]:
    end = max((bar.at_ms + bar.ms for bar in bars), default=0.0) or 1.0
    return [_placed(bar, end) for bar in bars]


def _placed(bar: Bar, end: float) -> Bar:
    width = max(round(100 * bar.ms / end, 2), THINNEST)
    x = min(round(100 * bar.at_ms / end, 2), 100 - width)
    return Bar(bar.name, bar.kind, bar.at_ms, bar.ms, bar.note, max(x, 0.0), width)
