"""A test run, told to a person: what was sent, what came back, where the time went, what to try."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sealgate.execution.trial import TestResult


def test_report(result: TestResult) -> str:
    """The whole report as text."""
    return "\n".join(_lines(result))


def _lines(result: TestResult) -> Iterator[str]:
    explain = result.explain
    if result.error:
        yield f"failed: {result.error.code}: {result.error.detail}"
        if result.error.scope:
            yield f"  scope: {result.error.scope}"
        if result.error.field:
            yield f"  at: {result.error.field}"
    else:
        yield f"the API answered {result.status}"
    if "not_reached" in explain:
        yield from _composite(explain)
    else:
        yield from _exchange(explain)
    if not result.error and result.body:
        yield from ("", "body", result.body.decode("utf-8", "replace"))


def _composite(explain: Mapping[str, Any]) -> Iterator[str]:
    """Each step like a connector of its own."""
    for step in explain["steps"]:
        title = f"step {step['index']}: {step['name']}"
        yield from ("", f"{title}, left out" if step["skipped"] else f"{title}, {step['ms']:.1f} ms")
        yield from (f"  {line}".rstrip() for line in _exchange(step))
    if explain["not_reached"]:
        yield from ("", f"not reached: {', '.join(explain['not_reached'])}")


def _exchange(explain: Mapping[str, Any]) -> Iterator[str]:
    yield from _steps(explain["steps"])
    yield from _section("authentication", explain["authentication"])
    if request := explain["request"]:
        yield from ("", "request", f"  {request['method']} {request['url']}")
        yield from (f"  {name}: {value}" for name, value in request["headers"].items())
        if request["body"]:
            yield from ("", *(f"  {line}" for line in request["body"].splitlines()))
    yield from _section("connection", explain["connection"])
    yield from _section("response", explain["response"])
    if explain["warnings"]:
        yield from ("", "warnings")
        yield from (f"  {warning['path']}: {warning['message']}" for warning in explain["warnings"])
    if explain["hints"]:
        yield from ("", "hints")
        yield from (f"  - {hint}" for hint in explain["hints"])
    if explain["curl"]:
        yield from ("", "the same with curl", f"  {explain['curl']}")


def _steps(steps: list[dict[str, Any]]) -> Iterator[str]:
    if not steps:
        return
    yield from ("", "steps")
    width = max(len(step["name"]) for step in steps)
    for step in steps:
        details = ", ".join(
            f"{name} {_shown(value)}" for name, value in step.items() if name not in ("name", "ms")
        )
        yield f"  {step['name'].ljust(width)}  {step['ms']:9.2f} ms  {details}".rstrip()


def _section(title: str, members: Mapping[str, Any] | None) -> Iterator[str]:
    present = {name: value for name, value in (members or {}).items() if value is not None}
    if not present:
        return
    yield from ("", title)
    for name, value in present.items():
        if isinstance(value, Mapping):
            yield f"  {name}"
            yield from (f"    {key}: {_shown(item)}" for key, item in value.items() if item is not None)
        else:
            yield f"  {name}: {_shown(value)}"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
