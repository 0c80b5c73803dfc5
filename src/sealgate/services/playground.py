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
    Context,
    Field,
    ResponseView,
    Template,
    TemplateInvalid,
    UrlTemplate,
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
class Sample:
    """What the template sees. `user` holds session claims; `content_type` is what the field declares."""

    user: Mapping[str, Any] | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    path_params: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    response_body: str | None = None
    response_status: int = 200
    response_headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = None


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
        compiled = compile_url(template) if place is Field.URL else compile_template(template, place)
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
    headers = {name.lower(): value for name, value in sample.response_headers.items()}
    return Context(
        tenant_id=tenant,
        user=ANONYMOUS if sample.user is None else User.from_claims(sample.user),
        now=int(time.time()),
        secrets=Placeholders(),
        variables=sample.variables,
        key_ids=KeyIds(),
        path_params=sample.path_params,
        body=None if sample.body is None else sample.body.encode(errors="replace"),
        response=ResponseView(sample.response_body, sample.response_status, headers),
    )


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
