"""Which secrets and variables a stored connector reads, and where: without compiling it.

Most templates that read one are `{{ get_secret('name') }}` and text; only others are parsed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from sealgate.model.composite import is_composite
from sealgate.templates import References, TemplateInvalid, compile_condition, read_template

Kind = Literal["secret", "variable"]
FUNCTIONS: Mapping[str, Kind] = {"get_secret": "secret", "key_id": "secret", "get_variable": "variable"}
MARKS = ("{{", "{%", "{#")
PLAIN = re.compile(r"(?<!\{)\{\{\s*(get_secret|get_variable|key_id)\(\s*(['\"])(\w+)\2\s*\)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Read:
    """One place of a connector document that reads a secret or a variable."""

    kind: Kind
    name: str | None
    """`None` when the name is computed: it could be any."""
    path: str
    """Of the template, written as a finding's: `steps.1.authentication.config.value`."""
    step: str | None = None
    """The step of a composite connector."""


def may_read(text: bytes) -> bool:
    """Whether a document's text has anything that `reads_of` could find."""
    return any(function.encode() in text for function in FUNCTIONS)


def reads_of(text: bytes) -> tuple[Read, ...]:
    """Everything that a connector document reads. A template that does not parse could read any."""
    document = json.loads(text)
    if not is_composite(document):
        return tuple(_of_exchange(document))
    return tuple(
        replace(read, path=f"steps.{index}.{read.path}", step=step["name"])
        for index, step in enumerate(document["steps"])
        for read in _of_exchange(step)
    )


def _of_exchange(document: Mapping[str, Any]) -> Iterator[Read]:
    for path, source in _templates(document):
        if any(function in source for function in FUNCTIONS):
            yield from _of_template(source, path)


def _templates(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every template with its path (`execution.compiling` compiles the same)."""
    for name in ("url", "request_body", "response_body", "when"):
        yield from _strings(document.get(name), name)
    for name in ("headers", "query_parameters"):
        for index, row in enumerate(document.get(name, ())):
            yield from _strings(row.get("value"), f"{name}.{index}.value")
    yield from _strings((document.get("authentication") or {}).get("config"), "authentication.config")


def _strings(tree: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, str):
        yield path, tree
    elif isinstance(tree, Mapping):
        for name, item in tree.items():
            yield from _strings(item, f"{path}.{name}")
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from _strings(item, f"{path}.{index}")


def _of_template(source: str, path: str) -> Iterator[Read]:
    is_condition = path == "when"
    rest = PLAIN.sub("", source)
    if not is_condition and not any(mark in rest for mark in MARKS):
        names = {(FUNCTIONS[match[1]], match[3]) for match in PLAIN.finditer(source)}
        yield from (Read(kind, name, path) for kind, name in sorted(names))
        return
    try:
        found = compile_condition(source).template.references if is_condition else read_template(source)
    except TemplateInvalid:
        yield from (Read(kind, None, path) for kind in dict.fromkeys(FUNCTIONS.values()))
    else:
        yield from _of_references(found, path)


def _of_references(references: References, path: str) -> Iterator[Read]:
    yield from (Read("secret", name, path) for name in sorted(references.secrets | references.key_pairs))
    yield from (Read("variable", name, path) for name in sorted(references.variables))
    if references.computed_secret or references.computed_key_pair:
        yield Read("secret", None, path)
    if references.computed_variable:
        yield Read("variable", None, path)
