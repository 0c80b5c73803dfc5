"""Compile every template of a connector document, from the document as written.

Not from the validated model: a fault in one field must not hide the faults of another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sealgate.auth.catalog import TYPES
from sealgate.execution.plan import AuthenticationPlan, RowPlan
from sealgate.findings import Finding, Findings
from sealgate.host import UrlProblem, parse_origin
from sealgate.message import Origin
from sealgate.model.authentication import DEPRECATED_ALIASES
from sealgate.templates import (
    CONNECTOR,
    Field,
    Limits,
    References,
    Template,
    TemplateInvalid,
    UrlTemplate,
    Vocabulary,
    compile_template,
    compile_url,
)


@dataclass(frozen=True, slots=True)
class World:
    """What a check knows of the place where the connector will run.

    `refusal` says why an origin may not be reached; `allowed_hosts` maps a secret's name to the hosts
    it may go to; `secrets` and `variables` are the names that exist, `key_pairs` those of the secrets that
    have one, `None` when that cannot be seen."""

    refusal: Callable[[Origin], str | None]
    allowed_hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    secrets: frozenset[str] | None = None
    variables: frozenset[str] | None = None
    key_pairs: frozenset[str] | None = None
    allow_literal_credentials: bool = False
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True)
class Parts:
    """What could be compiled of a document."""

    url: UrlTemplate | None = None
    headers: tuple[RowPlan, ...] = ()
    query: tuple[RowPlan, ...] = ()
    authentication: AuthenticationPlan | None = None
    request_body: Template | None = None
    response_body: Template | None = None
    references: dict[str, References] = field(default_factory=dict)
    """By the path of the template."""


_ORIGIN = re.compile(r"https?://[^/?#{}\\\\@\s]+(?=[/?#]|$)", re.IGNORECASE)


def _literal_origin(source: str) -> Origin | None:
    """The origin of a URL that has other faults: where it leads is judged nevertheless."""
    match = _ORIGIN.match(source)
    try:
        return parse_origin(match[0]) if match else None
    except UrlProblem:
        return None


class Compiler:
    """Compiles one exchange's document and collects what it finds on the way."""

    def __init__(self, world: World, vocabulary: Vocabulary = CONNECTOR) -> None:
        self.world = world
        self.vocabulary = vocabulary
        self.faults: list[Finding] = []
        self.warnings: list[Finding] = []

    def findings(self) -> Findings:
        return Findings(tuple(self.faults), tuple(self.warnings))

    def compile(self, document: Mapping[str, Any]) -> Parts:
        parts = Parts()
        parts.url = self._url(document.get("url"), "url", parts)
        parts.headers = self._rows(document.get("headers"), "headers", Field.HEADER, parts)
        parts.query = self._rows(document.get("query_parameters"), "query_parameters", Field.QUERY, parts)
        parts.authentication = self._authentication(document.get("authentication"), parts)
        parts.request_body = self._body(document, "request_body", Field.REQUEST_BODY, parts)
        parts.response_body = self._body(document, "response_body", Field.RESPONSE_BODY, parts)
        return parts

    def _template(self, source: str, path: str, place: Field, parts: Parts) -> Template | None:
        try:
            template = compile_template(source, place, self.world.limits, self.vocabulary)
        except TemplateInvalid as error:
            self.faults += [finding.under(path) for finding in error.faults]
            return None
        self.warnings += [finding.under(path) for finding in template.warnings]
        parts.references[path] = template.references
        return template

    def _url(self, source: Any, path: str, parts: Parts) -> UrlTemplate | None:
        if not isinstance(source, str) or not source:
            return None
        try:
            url = compile_url(source, self.world.limits, self.vocabulary)
        except TemplateInvalid as error:
            self.faults += [finding.under(path) for finding in error.faults]
            self._refuse_origin(_literal_origin(source), path)
            return None
        self.warnings += [finding.under(path) for finding in url.warnings]
        parts.references[path] = url.references
        self._refuse_origin(url.origin, path)
        return url

    def _refuse_origin(self, origin: Origin | None, path: str) -> None:
        if origin and (reason := self.world.refusal(origin)):
            self.faults.append(Finding(path, reason))

    def _rows(self, rows: Any, path: str, place: Field, parts: Parts) -> tuple[RowPlan, ...]:
        plans = []
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            if not isinstance(row, Mapping):
                continue
            value, key = row.get("value") or "", row.get("key")
            if not isinstance(value, str) or not isinstance(key, str):
                continue
            template = self._template(value, f"{path}.{index}.value", place, parts)
            if template:
                plans.append(RowPlan(key, template, row.get("overridable") is True, f"{path}.{index}.value"))
        return tuple(plans)

    def _body(self, document: Mapping[str, Any], name: str, place: Field, parts: Parts) -> Template | None:
        source = document.get(name)
        if not isinstance(source, str) or not source.strip():
            return None
        return self._template(source, name, place, parts)

    def _authentication(self, value: Any, parts: Parts) -> AuthenticationPlan | None:
        document = value if isinstance(value, Mapping) else {"type": "none"}
        name = document.get("type")
        kind = TYPES.get(DEPRECATED_ALIASES.get(name, name)) if isinstance(name, str) else None
        if kind is None:
            return None
        config = document.get("config")
        known = {member.alias or name for name, member in kind.config.model_fields.items()}
        path = "authentication.config"
        tree: dict[str, Any] = {}
        token_origin = None
        for member, item in config.items() if isinstance(config, Mapping) else ():
            if member not in known or item is None:
                continue
            place = f"{path}.{member}"
            if member in kind.config.url_fields:
                url = self._url(item, place, parts)
                token_origin = url.origin if url else None
                tree[member] = url
            else:
                tree[member] = self._tree(item, place, parts)
                if member in kind.config.credential_fields:
                    self._refuse_literal(item, place, tree[member])
        return AuthenticationPlan(kind, tree, token_origin)

    def _tree(self, value: Any, path: str, parts: Parts) -> Any:
        if isinstance(value, str):
            return self._template(value, path, Field.AUTHENTICATION, parts)
        if isinstance(value, Mapping):
            return {str(name): self._tree(item, f"{path}.{name}", parts) for name, item in value.items()}
        if isinstance(value, list):
            return [self._tree(item, f"{path}.{index}", parts) for index, item in enumerate(value)]
        return value

    def _refuse_literal(self, source: Any, path: str, template: Any) -> None:
        literal = isinstance(template, Template) and not template.references.names
        if literal and source and not self.world.allow_literal_credentials:
            self.faults.append(
                Finding(
                    path,
                    "a credential must not stand here as plain text",
                    hint="store it as a secret and write {{ get_secret('name') }}; an operator may allow "
                    "literals with SEALGATE_ALLOW_LITERAL_CREDENTIALS=true",
                )
            )
