"""Try a template on sample data: compiled and rendered as its field would be, under the same guards."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sealgate.caller import ANONYMOUS, User
from sealgate.errors import SealgateError
from sealgate.findings import Finding
from sealgate.secret import Secret, reveal
from sealgate.templates import (
    CONNECTOR,
    STEP,
    Context,
    Field,
    RequestView,
    ResponseView,
    Template,
    TemplateInvalid,
    UrlTemplate,
    Vocabulary,
    compile_template,
    compile_url,
    dialect_of,
)

FIELDS = {each.name.lower(): each for each in Field if each is not Field.CONDITION}
_LINE = re.compile(r" \(line (\d+)(?:: (.*))?\)\Z", re.DOTALL)


class Placeholders(Mapping[str, Secret[str]]):
    """Every secret, as `[name]`: a playground never reads a real one."""

    def __getitem__(self, name: str) -> Secret[str]:
        return Secret(f"[{name}]")

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class KeyIds(Mapping[str, str]):
    """The key id of every secret, as `[key id of name]`."""

    def __getitem__(self, name: str) -> str:
        return f"[key id of {name}]"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class StepSample:
    """What an earlier step of a composite connector gave, by the names that templates use."""

    body: str | None = None
    status_code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the template sees. `user` holds session claims; `content_type` is what the field declares. With
    `steps` the template is one of a step of a composite connector: it reads them, and what the caller sent
    (`body`, `query`) as `request`."""

    user: Mapping[str, Any] | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    path_params: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    response_body: str | None = None
    response_status: int = 200
    response_headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = None
    steps: Mapping[str, StepSample] | None = None
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def vocabulary(self) -> Vocabulary:
        return CONNECTOR if self.steps is None else STEP


@dataclass(frozen=True, slots=True)
class Played:
    """The output, or why there is none."""

    output: str | None
    error: dict[str, Any] | None
    faults: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "output": self.output,
            "error": self.error,
            "faults": [fault.as_json() for fault in self.faults],
            "warnings": [warning.as_json() for warning in self.warnings],
        }


async def play(tenant: str, template: str, place: Field, sample: Sample) -> Played:
    """Compile and render. Beside the event loop: a template may use all the steps that it has."""
    return await asyncio.to_thread(_play, tenant, template, place, sample)


def _play(tenant: str, template: str, place: Field, sample: Sample) -> Played:
    context = _context(tenant, sample)
    compiled: Template | UrlTemplate
    try:
        if place is Field.URL:
            compiled = compile_url(template, vocabulary=sample.vocabulary)
        else:
            compiled = compile_template(template, place, vocabulary=sample.vocabulary)
    except TemplateInvalid as invalid:
        return Played(None, None, invalid.faults, ())
    try:
        output = _rendered(compiled, context, sample)
    except SealgateError as error:
        warnings = (*compiled.warnings, *context.missing)
        return Played(None, error.as_json() | _place_of(error.detail, template), (), warnings)
    return Played(output, None, (), (*compiled.warnings, *context.missing))


def _rendered(compiled: Template | UrlTemplate, context: Context, sample: Sample) -> str:
    if isinstance(compiled, UrlTemplate):
        url = compiled.render(context)
        return f"{url.origin}{url.path}" + ("" if url.query is None else f"?{url.query}")
    incoming = context.response.headers.get("content-type") if context.response else None
    declared = dialect_of(sample.content_type)
    return reveal(compiled.render(context, declared=declared, incoming=dialect_of(incoming)))


def _context(tenant: str, sample: Sample) -> Context:
    body = None if sample.body is None else sample.body.encode(errors="replace")
    return Context(
        tenant_id=tenant,
        user=ANONYMOUS if sample.user is None else User.from_claims(sample.user),
        now=int(time.time()),
        secrets=Placeholders(),
        variables=sample.variables,
        key_ids=KeyIds(),
        path_params=sample.path_params,
        body=body,
        response=_view(sample.response_body, sample.response_status, sample.response_headers),
        steps={
            name: _view(step.body, step.status_code, step.headers)
            for name, step in (sample.steps or {}).items()
        },
        request=RequestView(sample.body, body, {}, dict(sample.query)),
    )


def _view(body: str | None, status: int, headers: Mapping[str, str]) -> ResponseView:
    return ResponseView(body, status, {name.lower(): value for name, value in headers.items()})


def _place_of(detail: str, template: str) -> dict[str, int]:
    """Line and column, from what a failed render says of its place."""
    found = _LINE.search(detail)
    if not found:
        return {}
    line = int(found[1])
    lines = template.splitlines()
    text = lines[line - 1] if line <= len(lines) else ""
    expression = (found[2] or "").partition("\n")[0]
    return {"line": line, "column": max(text.find(expression), 0) + 1}
