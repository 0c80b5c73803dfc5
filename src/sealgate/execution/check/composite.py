"""Check one composite connector (REFERENCE section 12), and find which steps wait for which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sealgate.execution.check.exchange import exchange_findings, underivable_permalink
from sealgate.execution.check.outcome import Checked
from sealgate.execution.compiling import Compiler, Parts, World
from sealgate.execution.plan import CompositePlan, Plan, StepPlan
from sealgate.findings import Finding, Findings
from sealgate.model.composite import Step
from sealgate.model.permalink import permalink_of
from sealgate.model.reading import read_composite, steps_of
from sealgate.templates import STEP, Condition, References, TemplateInvalid, compile_condition

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""They only read (RFC 9110 section 9.2.1), so that their order cannot be told from the results."""


@dataclass(frozen=True, slots=True)
class StepParts:
    """What could be compiled of a step."""

    exchange: Parts
    when: Condition | None

    def references(self) -> Iterator[tuple[str, References]]:
        yield from self.exchange.references.items()
        if self.when:
            yield "when", self.when.template.references


def check_composite(document: Mapping[str, Any], world: World) -> Checked:
    """Check a document with `steps` as parsed from JSON. Never raises for what stands in it."""
    composite, findings = read_composite(document)
    compiled: list[StepParts] = []
    for index, written in steps_of(document):
        parts, found = _compile(written, world)
        compiled.append(parts)
        findings += found.under(f"steps.{index}")
    if composite is None:
        return Checked(findings)
    for index, (step, parts) in enumerate(zip(composite.steps, compiled, strict=True)):
        found = exchange_findings(step, parts.exchange, world)
        found += Findings(warnings=tuple(_steps_out_of_reach(composite.steps, index, parts)))
        findings += found.under(f"steps.{index}")
    permalink = composite.permalink or permalink_of(composite.name)
    findings += Findings(faults=tuple(underivable_permalink(permalink)))
    if findings.faults:
        return Checked(findings)
    plan = CompositePlan(permalink, tuple(_step_plans(permalink, composite.steps, compiled)))
    return Checked(findings, composite.with_permalink(permalink).normalised(), plan)


def _compile(step: Mapping[str, Any], world: World) -> tuple[StepParts, Findings]:
    compiler = Compiler(world, STEP)
    parts = compiler.compile(step)
    source = step.get("when")
    condition, findings = None, Findings()
    if isinstance(source, str) and source.strip():
        try:
            condition = compile_condition(source, world.limits)
            findings = Findings(warnings=condition.template.warnings)
        except TemplateInvalid as error:
            findings = Findings(faults=error.faults)
    return StepParts(parts, condition), compiler.findings() + findings.under("when")


def _steps_out_of_reach(steps: Sequence[Step], index: int, parts: StepParts) -> Iterator[Finding]:
    """`steps.X` where no earlier step is called so: it prints nothing."""
    earlier = {step.name for step in steps[:index]}
    known = {step.name for step in steps}
    for path, references in parts.references():
        for name in sorted(references.steps - earlier):
            reason = "does not run before this one" if name in known else "does not exist"
            yield Finding(
                path, f"the step {name!r} {reason}: `steps.{name}` prints nothing", expression=f"steps.{name}"
            )


def _step_plans(permalink: str, steps: Sequence[Step], compiled: Sequence[StepParts]) -> Iterator[StepPlan]:
    for index, (step, parts) in enumerate(zip(steps, compiled, strict=True)):
        exchange = parts.exchange
        assert exchange.url is not None and exchange.authentication is not None, "there was no fault"
        plan = Plan(
            permalink=permalink,
            exchange=step,
            url=exchange.url,
            headers=exchange.headers,
            query=exchange.query,
            authentication=exchange.authentication,
            request_body=exchange.request_body,
            response_body=exchange.response_body,
            forward_query=False,
            step=step.name,
            final=index == len(steps) - 1,
        )
        yield StepPlan(step.name, plan, parts.when, _after(steps, index, parts))


def _after(steps: Sequence[Step], index: int, parts: StepParts) -> frozenset[int]:
    """The steps that must have ended before this one begins, so that side by side gives what one after
    the other would: those that it reads, and those between which and it the order can be told."""
    earlier = range(index)
    references = [found for _, found in parts.references()]
    if steps[index].method not in SAFE_METHODS or any(found.computed_step for found in references):
        return frozenset(earlier)
    numbers = {step.name: number for number, step in enumerate(steps)}
    read = {name for found in references for name in found.steps}
    if not read <= numbers.keys():
        # A method of the mapping (`steps.items()`), or a name that is not there.
        return frozenset(earlier)
    writing = {number for number in earlier if steps[number].method not in SAFE_METHODS}
    return frozenset({numbers[name] for name in read if numbers[name] < index} | writing)
