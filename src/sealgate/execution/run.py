"""The record of one run: what the pipeline did, for the reply, for explain and for the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any, ParamSpec, TypeVar

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
from sealgate.message import Request
from sealgate.secret import Secret, reveal
from sealgate.templates import Context

Arguments = ParamSpec("Arguments")
Rendered = TypeVar("Rendered")


class Step:
    """One step on the line: `with Step(run, …)` records the seconds it took, and adds them to a part of
    the timing headers."""

    __slots__ = ("_began", "_part", "_timing", "name", "seconds")

    def __init__(self, run: Run, name: str, part: Part) -> None:
        self.name = name
        self.seconds = 0.0
        self._timing = run.timing
        self._part = part
        run.steps.append(self)
        self._began = perf_counter()

    @property
    def at_ms(self) -> float:
        """When it began, counted from when the call arrived."""
        return self._timing.milliseconds_until(self._began)

    def __enter__(self) -> Step:
        return self

    def __exit__(self, *_: object) -> None:
        ended = perf_counter()
        self.seconds = ended - self._began
        self._timing.add(self._part, self._began, ended)


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
    config_secrets: tuple[str, ...] = field(default=(), repr=False)
    obtained: list[Obtained] = field(default_factory=list)
    request: Request | None = None
    trace: Trace = field(default_factory=Trace)
    upstream_status: int | None = None
    upstream_headers: tuple[tuple[str, str], ...] = ()
    steps: list[Step] = field(default_factory=list)

    def detached(self) -> Run:
        """The same run for a request that no caller waits for: what it records is its own."""
        return replace(self, timing=Timing(self.call.request_id), trace=Trace(), obtained=[], steps=[])

    def redactor(self) -> Redactor:
        """Knows every live secret of the tenant and every secret that this run made of them."""
        return self.tenant.redactor | self.made_secrets()

    def made_secrets(self) -> list[str]:
        """Rendered values that hold a secret, and the credentials that were obtained."""
        made = list(self.config_secrets)
        if self.context.used_secrets:
            for _, _, value in self.headers:
                made += _parts(value)
            for _, parameter in self.query:
                made += _parts(parameter.value)
        for obtained in self.obtained:
            if obtained.credential:
                made += _parts(obtained.credential.value)
        return made


def _parts(value: str | Secret[str]) -> list[str]:
    """A secret value, and what stands in it after a scheme (`Basic …`, `Bearer …`)."""
    if not isinstance(value, Secret):
        return []
    text = reveal(value)
    return [text, *text.split(" ")[1:]]


def at(
    path: str,
    context: Context,
    render: Callable[Arguments, Rendered],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Rendered:
    """Render something, and say at which place of the document an error came up, or a look-up that found
    nothing."""
    missing = context.missing
    known = len(missing)
    try:
        return render(*args, **kwargs)
    except SealgateError as error:
        error.field = error.field or path
        raise
    finally:
        if len(missing) > known:
            missing[known:] = [finding.under(path) for finding in missing[known:]]
