"""The record of one run: what the pipeline did, for the reply, for explain and for the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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


class Step:
    """One step on the line: `with run.step(…)` records the seconds it took, and adds them to a part of
    the timing headers."""

    __slots__ = ("_began", "_part", "_timing", "name", "seconds")

    def __init__(self, name: str, timing: Timing, part: Part) -> None:
        self.name = name
        self.seconds = 0.0
        self._timing = timing
        self._part = part
        self._began = 0.0

    def __enter__(self) -> Step:
        self._began = perf_counter()
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
    obtained: list[Obtained] = field(default_factory=list)
    request: Request | None = None
    trace: Trace = field(default_factory=Trace)
    upstream_status: int | None = None
    upstream_headers: tuple[tuple[str, str], ...] = ()
    steps: list[Step] = field(default_factory=list)

    def step(self, name: str, part: Part) -> Step:
        """A step of this run, to be entered at once."""
        step = Step(name, self.timing, part)
        self.steps.append(step)
        return step

    def detached(self) -> Run:
        """The same run for a request that no caller waits for: what it records is its own."""
        return replace(self, timing=Timing(self.call.request_id), trace=Trace(), obtained=[], steps=[])

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


class at:
    """`with at(path, context)`: say at which place of the document an error came up, or a look-up that
    found nothing."""

    __slots__ = ("_known", "_missing", "_path")

    def __init__(self, path: str, context: Context) -> None:
        self._path = path
        self._missing = context.missing
        self._known = len(context.missing)

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: object) -> None:
        if isinstance(error, SealgateError):
            error.field = error.field or self._path
        if len(self._missing) > self._known:
            self._missing[self._known :] = [
                finding.under(self._path) for finding in self._missing[self._known :]
            ]
