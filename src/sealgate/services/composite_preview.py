"""What a composite connector would do, without running it: in which order its steps begin, and what each
would send as far as that does not depend on an earlier answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sealgate.errors import SealgateError
from sealgate.execution.check import Checked
from sealgate.execution.engine import Engine
from sealgate.execution.plan import CompositePlan, StepPlan
from sealgate.execution.trial import TestRequest
from sealgate.services.preview import Preview, preview_of
from sealgate.templates import ResponseView, name_answers, say_answers


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """`waits_for` are the numbers of the steps that have to end first, without those that these wait for
    anyway; `reads` the names of those whose answers it reads, `keeps_place` that it waits for others because
    a request that may change something stands between."""

    number: int
    name: str
    method: str
    when: str
    waits_for: tuple[int, ...]
    reads: tuple[str, ...]
    keeps_place: bool


@dataclass(frozen=True, slots=True)
class StepPreview:
    """`request` or the `problem` that there is none."""

    step: PlannedStep
    request: Preview | None
    problem: str | None


def planned_steps(plan: CompositePlan) -> tuple[PlannedStep, ...]:
    """The order that execution derives from who reads what (REFERENCE section 12 knows one after the other;
    independent steps run side by side)."""
    before: list[frozenset[int]] = []
    for step in plan.steps:
        before.append(step.after.union(*(before[number] for number in step.after)))
    return tuple(_planned(plan, index, before) for index in range(len(plan.steps)))


async def preview_steps(
    engine: Engine, tenant: str, checked: Checked, request: TestRequest
) -> tuple[StepPreview, ...]:
    """The request of each step for a caller and what he sends, every secret as `$NAME` and what comes of an
    earlier answer as `⟨name⟩`. None for a document with faults, and for a connector of one request.

    Raises UserRequired."""
    if checked.document is None or not isinstance(checked.plan, CompositePlan):
        return ()
    planned = planned_steps(checked.plan)
    answers: dict[str, ResponseView] = {}
    plan = engine.check(tenant, _named(checked.document, answers)).plan
    if not isinstance(plan, CompositePlan):
        # A template that is about as long as is allowed got longer.
        return tuple(StepPreview(step, None, "it is too long to be shown before it runs") for step in planned)
    shown = await engine.unsent_steps(tenant, plan, request, answers)
    return tuple(_shown(step, what) for step, what in zip(planned, shown, strict=True))


def _planned(plan: CompositePlan, index: int, before: Sequence[frozenset[int]]) -> PlannedStep:
    step = plan.steps[index]
    implied = frozenset().union(*(before[number] for number in step.after))
    waits_for = sorted(step.after - implied)
    read = _reads(step)
    return PlannedStep(
        number=index + 1,
        name=step.name,
        method=step.plan.method,
        when=step.when.source if step.when else "",
        waits_for=tuple(number + 1 for number in waits_for),
        reads=tuple(earlier.name for earlier in plan.steps[:index] if earlier.name in read),
        keeps_place=any(plan.steps[number].name not in read for number in waits_for),
    )


def _reads(step: StepPlan) -> frozenset[str]:
    plan = step.plan
    templates = [plan.url, plan.request_body, plan.response_body, *plan.authentication.templates()]
    templates += [row.value for row in (*plan.headers, *plan.query)]
    found = [template.references.steps for template in templates if template]
    return frozenset().union(*found, step.when.template.references.steps if step.when else ())


def _named(tree: Any, answers: dict[str, ResponseView]) -> Any:
    """The document with the answers in its templates named."""
    if isinstance(tree, str):
        named = name_answers(tree)
        answers |= named.steps
        return named.source
    if isinstance(tree, Mapping):
        return {name: item if name == "when" else _named(item, answers) for name, item in tree.items()}
    return [_named(item, answers) for item in tree] if isinstance(tree, list) else tree


def _shown(step: PlannedStep, what: dict[str, Any] | SealgateError) -> StepPreview:
    if isinstance(what, SealgateError):
        return StepPreview(step, None, what.detail or what.code)
    request = preview_of(what)
    return StepPreview(
        step,
        replace(
            request,
            url=_said(request.url),
            headers=tuple((name, _said(value)) for name, value in request.headers),
            body=None if request.body is None else _said(request.body),
        ),
        None,
    )


def _said(text: str) -> str:
    return say_answers(text, lambda names: f"⟨{', '.join(names) or 'an earlier step'}⟩")
