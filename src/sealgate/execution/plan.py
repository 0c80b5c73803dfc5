"""A connector compiled: everything a call needs that does not depend on the call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sealgate.auth.catalog import AuthenticationType
from sealgate.execution.fields import ALWAYS_FROM_CALLERS, NEVER_FROM_CALLERS, WRITTEN_BY_THE_CLIENT
from sealgate.execution.query import Parameter
from sealgate.message import Origin
from sealgate.model.connector import Exchange
from sealgate.templates import Condition, References, Template, UrlTemplate


@dataclass(frozen=True, slots=True)
class RowPlan:
    """A header or query row. `name` is as written; `place` is that of its value in the document."""

    name: str
    value: Template
    overridable: bool
    place: str
    constant: Parameter | None = field(init=False)
    """The row as a query parameter, when nothing in its value is templated."""
    override: str | None = field(init=False)
    """The lower-case name of the header that a caller may send instead of the row."""

    def __post_init__(self) -> None:
        value, name = self.value.constant, self.name.lower()
        constant = None if value is None else Parameter(self.name, value, self.overridable)
        object.__setattr__(self, "constant", constant)
        open_to_callers = self.overridable and name not in NEVER_FROM_CALLERS
        object.__setattr__(self, "override", name if open_to_callers else None)


ConfigTree = Template | UrlTemplate | Mapping[str, Any] | list[Any] | str | int | float | bool | None
"""A rendered-later config: the JSON tree of the config model with a template for each string."""


@dataclass(frozen=True, slots=True, eq=False)
class AuthenticationPlan:
    """An authentication type with the templates of its config."""

    kind: AuthenticationType
    config: Mapping[str, ConfigTree]
    token_origin: Origin | None = None
    """Of the token URL, when its host is not a variable."""
    steady: Mapping[str, ConfigTree] = field(init=False)
    """The members of the config that render the same while secrets and variables stay what they are."""
    varying: Mapping[str, ConfigTree] = field(init=False)
    """Its other members."""

    def __post_init__(self) -> None:
        steady = {
            name: tree
            for name, tree in self.config.items()
            if all(template.references.fixed for template in _templates(tree))
        }
        object.__setattr__(self, "steady", steady)
        varying = {name: tree for name, tree in self.config.items() if name not in steady}
        object.__setattr__(self, "varying", varying)

    def templates(self) -> Iterator[Template | UrlTemplate]:
        return _templates(self.config)

    def named_secrets(self) -> frozenset[str]:
        """The secrets whose names stand in the config."""
        return frozenset().union(*(template.references.secrets for template in _templates(self.config)))


def _templates(tree: ConfigTree) -> Iterator[Template | UrlTemplate]:
    if isinstance(tree, (Template, UrlTemplate)):
        yield tree
    elif isinstance(tree, Mapping):
        for item in tree.values():
            yield from _templates(item)
    elif isinstance(tree, list):
        for item in tree:
            yield from _templates(item)


@dataclass(frozen=True, slots=True)
class Plan:
    """One exchange, ready to run: a connector, or a step of a composite connector."""

    permalink: str
    exchange: Exchange = field(repr=False)
    url: UrlTemplate
    headers: tuple[RowPlan, ...]
    query: tuple[RowPlan, ...]
    authentication: AuthenticationPlan
    request_body: Template | None
    response_body: Template | None
    path_parameters: frozenset[str] = frozenset()
    """The names that have a row."""
    forward_query: bool = True
    step: str | None = None
    """The name of the step, in a composite connector."""
    final: bool = True
    """Whether its reply is for the caller, as that of a composite connector's last step is."""
    needs_user: bool = field(init=False)
    """Whether a request template reads `user`: anonymous callers are refused (DESIGN 6)."""
    sent_headers: tuple[RowPlan, ...] = field(init=False)
    """The header rows without those of fields that the client writes itself."""
    passed_headers: tuple[str, ...] = field(init=False)
    """Lower-case names of the fields that any caller may set, for none of them is a row."""

    def __post_init__(self) -> None:
        reads_user = any(references.user for references in self._request_references())
        object.__setattr__(self, "needs_user", reads_user)
        sent = tuple(row for row in self.headers if row.name.lower() not in WRITTEN_BY_THE_CLIENT)
        object.__setattr__(self, "sent_headers", sent)
        present = {row.name.lower() for row in sent}
        passed = tuple(name for name in ALWAYS_FROM_CALLERS if name not in present)
        object.__setattr__(self, "passed_headers", passed)

    @property
    def method(self) -> str:
        return self.exchange.method

    @property
    def reads_response(self) -> bool:
        """Whether the API's body is held whole: a template or a later step reads it."""
        return self.response_body is not None or not self.final

    def _request_references(self) -> Iterator[References]:
        """What the templates read that render before the request leaves."""
        yield self.url.references
        for row in (*self.headers, *self.query):
            yield row.value.references
        for template in self.authentication.templates():
            yield template.references
        if self.request_body:
            yield self.request_body.references


@dataclass(frozen=True, slots=True)
class StepPlan:
    """A step, and the steps that must have ended before it begins."""

    name: str
    plan: Plan
    when: Condition | None
    after: frozenset[int]
    """Their indexes, all smaller than its own."""


@dataclass(frozen=True, slots=True)
class CompositePlan:
    """An immutable, runnable composite connector."""

    permalink: str
    steps: tuple[StepPlan, ...]

    @property
    def method(self) -> str:
        """Callers use POST, whatever the steps use (REFERENCE section 12)."""
        return "POST"

    @property
    def needs_user(self) -> bool:
        """Whether a template that renders before a request leaves reads `user`."""
        conditions = (step.when for step in self.steps if step.when)
        return any(step.plan.needs_user for step in self.steps) or any(
            condition.template.references.user for condition in conditions
        )
