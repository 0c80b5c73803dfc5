"""The record of one run: what the pipeline did, for the reply, for explain and for the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from sealgate.broker import Obtained
from sealgate.egress import Trace
from sealgate.errors import SealgateError
from sealgate.execution.call import Call
from sealgate.execution.plan import Plan, RowPlan
from sealgate.execution.query import Parameter
from sealgate.execution.redaction import Redactor
from sealgate.execution.snapshot import TenantSnapshot
from sealgate.execution.timing import Part, Timing
from sealgate.host import SplitUrl
from sealgate.message import HeaderRows, Request
from sealgate.secret import Secret, reveal
from sealgate.templates import Context


@dataclass(slots=True)
class Step:
    """One step on the line, with the seconds it took."""

    name: str
    seconds: float = 0.0
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """Grows as the pipeline goes; what a run did not reach stays empty."""

    plan: Plan
    tenant: TenantSnapshot
    call: Call
    timing: Timing
    context: Context
    body: bytes | Secret[bytes] | Any = None
    url: SplitUrl | None = None
    headers: tuple[tuple[RowPlan | None, str, str | Secret[str]], ...] = ()
    query: tuple[tuple[RowPlan, Parameter], ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    obtained: list[Obtained] = field(default_factory=list)
    request: Request | None = None
    trace: Trace = field(default_factory=Trace)
    upstream_status: int | None = None
    upstream_headers: tuple[tuple[str, str], ...] = ()
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str, part: Part) -> Iterator[Step]:
        """Record a step and add its time to a part of the timing headers."""
        step = Step(name)
        self.steps.append(step)
        began = perf_counter()
        try:
            with self.timing.measure(part):
                yield step
        finally:
            step.seconds = perf_counter() - began

    def redactor(self) -> Redactor:
        """Knows every live secret of the tenant and every secret that this run made of them."""
        return self.tenant.redactor | self.made_secrets()

    def made_secrets(self) -> list[str]:
        """Rendered values that hold a secret, and the credentials that were obtained."""
        made: list[str] = []
        rows: HeaderRows = tuple((name, value) for _, name, value in self.headers)
        for _, value in rows:
            made += _parts(value)
        for _, parameter in self.query:
            made += _parts(parameter.value)
        for obtained in self.obtained:
            if obtained.credential:
                made += _parts(obtained.credential.value)
        return made + _revealed(self.config)


def _parts(value: str | Secret[str]) -> list[str]:
    """A secret value, and what stands in it after a scheme (`Basic …`, `Bearer …`)."""
    if not isinstance(value, Secret):
        return []
    text = reveal(value)
    return [text, *text.split(" ")[1:]]


def _revealed(tree: Any) -> list[str]:
    if isinstance(tree, Secret):
        return [reveal(tree)]
    if isinstance(tree, Mapping):
        return [value for item in tree.values() for value in _revealed(item)]
    if isinstance(tree, list):
        return [value for item in tree for value in _revealed(item)]
    return []


@contextmanager
def at(path: str, context: Context) -> Iterator[None]:
    """Say at which place of the document an error came up, or a look-up that found nothing."""
    known = len(context.missing)
    try:
        yield
    except SealgateError as error:
        error.field = error.field or path
        raise
    finally:
        context.missing[known:] = [finding.under(path) for finding in context.missing[known:]]
