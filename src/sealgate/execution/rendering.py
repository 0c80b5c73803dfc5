"""Render a plan for one call: URL, headers, query, authentication config and body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sealgate.auth.base import Authentication, RenderedUrl
from sealgate.errors import RequestInvalid
from sealgate.execution.call import Call
from sealgate.execution.plan import ConfigTree, Plan, RowPlan
from sealgate.execution.query import Parameter
from sealgate.execution.run import at
from sealgate.secret import Secret, reveal
from sealgate.templates import Context, Template, UrlTemplate, dialect_of

CONTENT_TYPE = "content-type"
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose body a template may replace (REFERENCE 8.1)."""

RenderedHeaders = tuple[tuple[RowPlan | None, str, str | Secret[str]], ...]
"""Rows as they go upstream: the row that a value came from, or `None` when the caller sent it."""


def render_headers(plan: Plan, call: Call, context: Context) -> RenderedHeaders:
    """The configured rows with the caller's overrides, then what any caller may set."""
    fields: list[tuple[RowPlan | None, str, str | Secret[str]]] = []
    for row in plan.sent_headers:
        override = call.header(row.override) if row.override else None
        if override is not None:
            fields.append((None, row.name, _ascii(row.name, override)))
        else:
            fields.append((row, row.name, at(row.place, context, row.value.render, context)))
    for name in plan.passed_headers:
        value = call.header(name)
        if value:
            fields.append((None, name, _ascii(name, value)))
    return tuple(fields)


def _ascii(name: str, value: str) -> str:
    if not value.isascii() or not (value.isprintable() or value.replace("\t", " ").isprintable()):
        raise RequestInvalid(
            f"the header {name} holds characters outside ASCII", hint="percent-encode or base64-encode them"
        )
    return value


def render_query(plan: Plan, context: Context) -> tuple[tuple[RowPlan, Parameter], ...]:
    """The configured query rows with their values; the caller's come in when they are merged."""
    rendered = []
    for row in plan.query:
        parameter = row.constant
        if parameter is None:
            value = at(row.place, context, row.value.render, context)
            parameter = Parameter(row.name, value, row.overridable)
        rendered.append((row, parameter))
    return tuple(rendered)


@dataclass(frozen=True, slots=True)
class RenderedConfig:
    """Members of an authentication config, and what went into them."""

    members: Mapping[str, Any]
    secrets: frozenset[str]
    """The names of the secrets in it."""
    made: tuple[str, ...] = field(repr=False)
    """The secret values in it."""

    def __or__(self, other: RenderedConfig) -> RenderedConfig:
        return RenderedConfig(
            {**self.members, **other.members}, self.secrets | other.secrets, self.made + other.made
        )


@dataclass(frozen=True, slots=True)
class RenderedAuthentication:
    """The value that obtains credentials, and the config that it was made from."""

    value: Authentication
    config: RenderedConfig


def render_authentication(plan: Plan, context: Context) -> RenderedAuthentication:
    """Rendered for this run; what cannot differ from run to run, once for all of them."""
    authentication, fixed = plan.authentication, context.fixed
    known: RenderedAuthentication | None = fixed.get(authentication)
    if known is not None:
        return known
    missing = len(context.missing)
    steady: RenderedConfig | None = fixed.get((authentication, "steady"))
    if steady is None:
        steady = _render_members(authentication.steady, context)
        if len(context.missing) == missing:
            fixed[authentication, "steady"] = steady
    varying = authentication.varying
    config = steady | _render_members(varying, context) if varying else steady
    rendered = RenderedAuthentication(authentication.kind.value.from_rendered(config.members), config)
    if not varying and len(context.missing) == missing:
        fixed[authentication] = rendered
    return rendered


def _render_members(members: Mapping[str, ConfigTree], context: Context) -> RenderedConfig:
    before, context.used_secrets = context.used_secrets, set()
    try:
        rendered = render_config(members, context)
        return RenderedConfig(rendered, frozenset(context.used_secrets), tuple(_revealed(rendered)))
    finally:
        context.used_secrets = before


def _revealed(tree: Any) -> Iterator[str]:
    if isinstance(tree, Secret):
        yield reveal(tree)
    elif isinstance(tree, Mapping):
        for item in tree.values():
            yield from _revealed(item)
    elif isinstance(tree, list):
        for item in tree:
            yield from _revealed(item)


def render_config(config: Mapping[str, ConfigTree], context: Context) -> dict[str, Any]:
    """An authentication config: strings rendered, token URLs resolved, other JSON as it is."""
    return {name: _tree(item, context, f"authentication.config.{name}") for name, item in config.items()}


def _tree(tree: ConfigTree, context: Context, path: str) -> Any:
    if isinstance(tree, Template):
        return at(path, context, tree.render, context)
    if isinstance(tree, UrlTemplate):
        url = at(path, context, tree.render, context)
        return RenderedUrl(url.origin, url.path if url.query is None else f"{url.path}?{url.query}")
    if isinstance(tree, Mapping):
        return {name: _tree(item, context, f"{path}.{name}") for name, item in tree.items()}
    if isinstance(tree, list):
        return [_tree(item, context, f"{path}.{index}") for index, item in enumerate(tree)]
    return tree


def render_body(
    plan: Plan, template: Template, headers: RenderedHeaders, context: Context
) -> tuple[bytes | Secret[bytes], RenderedHeaders]:
    """The template's output as the upstream body, with a JSON content type where none was given."""
    content_type = next((reveal(value) for _, name, value in headers if name.lower() == CONTENT_TYPE), None)
    has_row = any(row.name.lower() == CONTENT_TYPE for row in plan.headers)
    text = at(
        "request_body",
        context,
        template.render,
        context,
        declared=dialect_of(content_type) if has_row else None,
        incoming=dialect_of(content_type),
    )
    body = Secret(reveal(text).encode()) if isinstance(text, Secret) else text.encode()
    if content_type is None and reveal(text).lstrip()[:1] in ("{", "["):
        headers = (*headers, (None, "Content-Type", "application/json"))
    return body, headers
