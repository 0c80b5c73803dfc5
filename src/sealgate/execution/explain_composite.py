"""Say what each step of a composite connector did and why (design 1.6)."""

from __future__ import annotations

from typing import Any

from sealgate.errors import SealgateError
from sealgate.execution.composite import CompositeRun, StepRun
from sealgate.execution.explain import debug_request, explain
from sealgate.execution.run import Run


def explain_any(run: Run | CompositeRun, error: SealgateError | None, *, body: bool = True) -> dict[str, Any]:
    """The recording of a run of either kind, as `explain` makes it."""
    if isinstance(run, CompositeRun):
        return explain_composite(run, error, body=body)
    return explain(run, error, body=body)


def explain_composite(run: CompositeRun, error: SealgateError | None, *, body: bool = True) -> dict[str, Any]:
    """The recording of every step that was reached, in the document's order, with what `explain` says of
    each; all their warnings and hints once more. In a test, the `response` of a step that failed has the
    `body`, too (`body_cut`: its beginning). The caller scrubs it before it goes out."""
    failed = _failed(run)
    steps = [_step(run, entry, error if entry is failed else None, body) for entry in run.reached()]
    return {
        "steps": steps,
        "warnings": [
            {**warning, "path": f"steps.{step['index']}.{warning['path']}"}
            for step in steps
            for warning in step["warnings"]
        ],
        "hints": [f"step {step['name']}: {hint}" for step in steps for hint in step["hints"]],
        "not_reached": [
            step.name for step, entry in zip(run.plan.steps, run.steps, strict=True) if entry is None
        ],
        "error": error.as_json() if error else None,
    }


def debug_composite(run: CompositeRun) -> dict[str, Any]:
    """`X-Debug-Request`: that of each step that was reached."""
    return {
        "steps": [
            {"name": entry.timing.name, **debug_request(entry.run)}
            for entry in run.reached()
            if not entry.timing.skipped
        ]
    }


def _step(run: CompositeRun, entry: StepRun, error: SealgateError | None, body: bool) -> dict[str, Any]:
    timing = entry.timing
    shown = explain(entry.run, error, body=body)
    if entry.refusal and body:
        shown["response"] |= {
            "body": entry.refusal.text(run.redactor()),
            "body_cut": entry.refusal.cut,
        }
    return {
        "name": timing.name,
        "index": timing.index,
        "at_ms": timing.timing.began_after(run.timing),
        "ms": timing.ms,
        "skipped": timing.skipped,
        **shown,
    }


def _failed(run: CompositeRun) -> StepRun | None:
    """The first step, in the document's order, that gave no reply although its condition held."""
    return next((entry for entry in run.reached() if entry.reply is None and not entry.timing.skipped), None)
