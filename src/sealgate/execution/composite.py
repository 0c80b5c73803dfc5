"""Composite connectors: each step goes down the same line as a connector (REFERENCE section 12).

The reply is that of the last step. A step begins when those that it waits for have ended (see
`check.composite`), so that independent ones run side by side; the first failure in the order of the
document is the answer, as it would be one after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter
from urllib.parse import parse_qsl

from sealgate.errors import (
    Configuration,
    MethodNotAllowed,
    SealgateError,
    UpstreamHttpError,
    UpstreamTimeout,
    UserRequired,
)
from sealgate.execution.call import Call, Reply
from sealgate.execution.pipeline import PassedBody, Pipeline, as_text
from sealgate.execution.plan import CompositePlan, StepPlan
from sealgate.execution.redaction import Redactor
from sealgate.execution.refusal import Refusal, read_refusal
from sealgate.execution.run import Run, Step, at
from sealgate.execution.snapshot import TenantSnapshot
from sealgate.execution.timing import StepTiming, Timing
from sealgate.message import Fields
from sealgate.templates import Context, RequestView, ResponseView

NOTHING_RAN = Reply(204, (), b"")
"""The reply when the condition of no step holds."""


@dataclass(slots=True)
class StepRun:
    """One step's run, once it began."""

    run: Run
    timing: StepTiming
    reply: Reply | None = None
    """`None` when the step was left out, failed or was stopped."""
    refusal: Refusal | None = None
    """What the API answered with a status of 400 and up, in a run that keeps it."""


@dataclass(slots=True)
class CompositeRun:
    """Grows as the steps go; `steps` has an entry for each step of the plan."""

    plan: CompositePlan
    tenant: TenantSnapshot
    call: Call
    timing: Timing
    context: Context
    """What all steps share; each has its own copy."""
    keeps_refusals: bool = False
    """Whether the body that makes a step fail is read: for a person who tests, never for a caller."""
    steps: list[StepRun | None] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = [None] * len(self.plan.steps)

    def reached(self) -> Iterator[StepRun]:
        return (step for step in self.steps if step is not None)

    def redactor(self) -> Redactor:
        """Knows every live secret of the tenant and every secret that a step made of them."""
        return self.tenant.redactor | [made for step in self.reached() for made in step.run.made_secrets()]


class CompositePipeline:
    """Runs composite plans. Holds no state of a run."""

    def __init__(self, pipeline: Pipeline, seconds: float) -> None:
        """`seconds` bound all steps of a call together."""
        self._pipeline = pipeline
        self._seconds = seconds

    async def execute(self, run: CompositeRun) -> Reply:
        """Run the steps to the last one's reply. Raises the errors of REFERENCE section 12."""
        try:
            began = perf_counter()
            admit(run)
            run.context.request = await request_view(run.call)
            run.timing.add("setup", began, perf_counter())
            await self._within_deadline(run)
        finally:
            run.timing.steps = [step.timing for step in run.reached()]
        replies = [step.reply for step in run.reached() if step.reply]
        return replies[-1] if replies else NOTHING_RAN

    async def _within_deadline(self, run: CompositeRun) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._run_steps(run)
        except TimeoutError:
            unfinished = (number for number, step in enumerate(run.steps) if step is None or not _ended(step))
            index = next(unfinished, len(run.steps) - 1)
            with _as_step(run.plan.steps[index], index):
                raise UpstreamTimeout(f"the steps did not end within {self._seconds:g} s together") from None

    async def _run_steps(self, run: CompositeRun) -> None:
        tasks: list[asyncio.Task[None]] = []
        for index, step in enumerate(run.plan.steps):
            before = [tasks[number] for number in step.after]
            tasks.append(asyncio.create_task(self._in_turn(run, index, before)))
        try:
            for task in tasks:
                await task
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await _close(run)
            raise

    async def _in_turn(self, run: CompositeRun, index: int, before: Sequence[asyncio.Task[None]]) -> None:
        if before:
            await asyncio.wait(before)
            if any(task.cancelled() or task.exception() for task in before):
                return  # the earlier failure is the answer
        step = run.plan.steps[index]
        entry = run.steps[index] = _begin(run, index, step)
        try:
            with _as_step(step, index):
                await self._run_step(step, entry, run.keeps_refusals)
        except SealgateError as error:
            entry.run.timing.timed_out = isinstance(error, UpstreamTimeout)
            run.timing.external_host = entry.run.timing.external_host
            raise
        finally:
            entry.timing.end()

    async def _run_step(self, step: StepPlan, entry: StepRun, keeps_refusal: bool) -> None:
        run = entry.run
        if step.when:
            with Step(run, "condition", "transform"):
                entry.timing.skipped = not at("when", run.context, step.when.holds, run.context)
            if entry.timing.skipped:
                return
        response = await self._pipeline.respond(run)
        if response.status >= 400:
            if keeps_refusal:
                with Step(run, "receive", "external"):
                    entry.refusal = await read_refusal(response)
            await response.close()
            raise UpstreamHttpError(f"the API answered {response.status}")
        entry.reply = await self._pipeline.reshape(run, response)


def admit(run: CompositeRun) -> None:
    """Raises MethodNotAllowed and UserRequired."""
    if run.call.method != run.plan.method:
        raise MethodNotAllowed(
            f"a composite connector takes {run.plan.method}, not {run.call.method}",
            headers={"Allow": run.plan.method},
        )
    if run.plan.needs_user and run.call.caller.user is None:
        raise UserRequired("this connector acts for a signed-in user; sign in and call again")


async def request_view(call: Call) -> RequestView:
    """What the caller sent, as templates see it. A `Content-Type` is found in both spellings."""
    body = call.body
    if body is not None and not isinstance(body, bytes):
        body = b"".join([chunk async for chunk in body])
    content_type = call.header("content-type")
    headers = {} if content_type is None else {"Content-Type": content_type, "content-type": content_type}
    return RequestView(
        body_text=as_text(body) if body else None,
        body_raw=body or None,
        headers=headers,
        query_parameters=dict(parse_qsl(call.query, keep_blank_values=True)),
    )


def _begin(run: CompositeRun, index: int, step: StepPlan) -> StepRun:
    """A step's own run: it sees the responses of the steps before it, and of the caller only what its
    overridable rows take."""
    timing = Timing(run.call.request_id)
    earlier = [entry for entry in run.steps[:index] if entry and entry.reply]
    context = replace(
        run.context,
        steps={entry.timing.name: _view(entry) for entry in earlier},
        used_secrets=set(),
        missing=[],
    )
    rows = {row.name.lower() for row in step.plan.headers if row.overridable}
    call = replace(
        run.call,
        method=step.plan.method,
        headers=Fields(field for field in run.call.headers if field[0] in rows),
        body=None,
    )
    return StepRun(Run(step.plan, run.tenant, call, timing, context), StepTiming(step.name, index, timing))


async def begin_unsent(run: CompositeRun, answers: Mapping[str, ResponseView]) -> list[Run]:
    """The runs of all steps as they would begin, with these answers in the place of earlier ones. Raises
    UserRequired."""
    admit(run)
    run.context.request = await request_view(run.call)
    steps = [_begin(run, index, step).run for index, step in enumerate(run.plan.steps)]
    return [replace(step, context=replace(step.context, steps=answers)) for step in steps]


def _view(entry: StepRun) -> ResponseView:
    """`steps.<name>` for the templates of later steps."""
    assert entry.reply is not None and isinstance(entry.reply.body, bytes), "only the last step streams"
    return ResponseView(as_text(entry.reply.body), entry.reply.status, dict(entry.run.upstream_headers))


def _ended(step: StepRun) -> bool:
    return step.reply is not None or step.timing.skipped


@contextmanager
def _as_step(step: StepPlan, index: int) -> Iterator[None]:
    """Say of an error which step it is of."""
    try:
        yield
    except SealgateError as error:
        # The original knows one scope for every template of a step, that of its response included.
        scope = Configuration.default_scope if isinstance(error, Configuration) else error.scope
        prefix = f"Composite step '{step.name}' (index {index})"
        error.scope = f"{prefix}: {scope}" if scope else prefix
        error.field = f"steps.{index}.{error.field}" if error.field else None
        raise


async def _close(run: CompositeRun) -> None:
    """End the responses that nobody will read."""
    for step in run.reached():
        if step.reply and isinstance(step.reply.body, PassedBody):
            await step.reply.body.aclose()
