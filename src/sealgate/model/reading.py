"""Read a document against its model: every fault and every unknown member, in words, at its path."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sealgate.auth.catalog import TYPES
from sealgate.findings import Finding, Findings
from sealgate.model.authentication import DEPRECATED_ALIASES
from sealgate.model.composite import MOST_STEPS, Composite, Step
from sealgate.model.connector import Connector, Exchange, HeaderRow, PathRow, QueryRow

Model = TypeVar("Model", bound=BaseModel)
ROWS: Mapping[str, type[BaseModel]] = {
    "headers": HeaderRow,
    "query_parameters": QueryRow,
    "path_parameters": PathRow,
}
# Names that real files use by mistake and that no spelling distance would find.
MEANT = {"pathParams": "path_parameters", "queryParams": "query_parameters", "body": "request_body"}


def read_connector(document: Any) -> tuple[Connector | None, Findings]:
    """The connector, or `None` and every structural fault. Unknown members are warnings."""
    if not isinstance(document, Mapping):
        return None, Findings(faults=(Finding("", "a connector is a JSON object"),))
    warnings = tuple(_unknown_members(document, Connector))
    return _validated(Connector, document, tuple(_repeated_keys(document)), warnings)


def read_composite(document: Mapping[str, Any]) -> tuple[Composite | None, Findings]:
    """The composite connector, or `None` and every structural fault. Unknown members are warnings."""
    faults = list(_repeated_steps(document))
    warnings = list(_unknown(document, Composite.model_fields, ""))
    for index, step in steps_of(document):
        path = f"steps.{index}"
        faults += [fault.under(path) for fault in _repeated_keys(step)]
        warnings += [warning.under(path) for warning in _unknown_members(step, Step)]
    return _validated(Composite, document, tuple(faults), tuple(warnings))


def steps_of(document: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The steps that are objects, with their index."""
    steps = document.get("steps")
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, Mapping):
            yield index, step


def _validated(
    model: type[Model],
    document: Mapping[str, Any],
    faults: tuple[Finding, ...],
    warnings: tuple[Finding, ...],
) -> tuple[Model | None, Findings]:
    try:
        value = model.model_validate(document)
    except ValidationError as error:
        return None, Findings((*faults_of(error), *faults), warnings)
    return None if faults else value, Findings(faults, warnings)


def faults_of(error: ValidationError) -> Iterator[Finding]:
    """A pydantic error as faults in our own words."""
    for details in error.errors(include_url=False):
        path = ".".join(_without_union_tag(details["loc"]))
        yield Finding(path, _message(details))


def _without_union_tag(location: tuple[int | str, ...]) -> Iterator[str]:
    for index, part in enumerate(location):
        if part in TYPES and index and location[index - 1] == "authentication":
            continue
        yield str(part)


def _message(details: ErrorDetails) -> str:
    context = details.get("ctx", {})
    field = details["loc"][-1] if details["loc"] else "the document"
    value = details["input"]
    match details["type"]:
        case "missing":
            return f"`{field}` is required"
        case "string_too_long":
            return f"at most {context['max_length']} characters are allowed; this has {len(value)}"
        case "string_too_short":
            return f"`{field}` must not be empty"
        case "string_type":
            return f"must be a string, not {_kind(value)}"
        case "too_short":
            return "a composite connector needs at least one step"
        case "too_long":
            return f"at most {MOST_STEPS} steps are allowed; this has {len(value)}"
        case "list_type":
            return f"must be a list, not {_kind(value)}"
        case "dict_type" | "model_type" | "model_attributes_type":
            return f"must be an object, not {_kind(value)}"
        case "bool_type" | "bool_parsing":
            return "must be true or false"
        case "literal_error":
            return f"must be {context['expected'].replace(chr(39), '')}"
        case "string_pattern_mismatch" if field == "permalink":
            return "must be lower-case letters, digits and single hyphens between them, such as `weather-api`"
        case "string_pattern_mismatch" if field == "name":
            return "must be lower-case letters, digits and hyphens, such as `fetch-user`"
        case "string_pattern_mismatch" if field == "key":
            return "is not a header name: letters, digits and !#$%&'*+-.^_`|~ only, no spaces and no colon"
        case "value_error":
            return str(context["error"])
    return details["msg"]


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "true or false", int: "a number", float: "a number", str: "a string", list: "a list"}
    return names.get(type(value), "an object")


def _repeated_keys(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Each row whose key stood before; header names without regard to case (RFC 9110 section 5.1)."""
    for name in ROWS:
        first: dict[str, int] = {}
        rows = document.get(name)
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            key = row.get("key") if isinstance(row, Mapping) else None
            if not isinstance(key, str):
                continue
            seen = first.setdefault(key.lower() if name == "headers" else key, index)
            if seen != index:
                yield Finding(
                    f"{name}.{index}.key",
                    f"the key {key!r} stands more than once (first in row {seen})",
                    hint="keep one row",
                )


def _repeated_steps(document: Mapping[str, Any]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, step in steps_of(document):
        name = step.get("name")
        if isinstance(name, str) and first.setdefault(name, index) != index:
            yield Finding(
                f"steps.{index}.name",
                f"the step name {name!r} stands more than once (first in step {first[name]})",
                hint="give each step a name of its own",
            )


def _unknown_members(document: Mapping[str, Any], model: type[Exchange]) -> Iterator[Finding]:
    yield from _unknown(document, model.model_fields, "")
    for name, row_model in ROWS.items():
        rows = document.get(name)
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            if isinstance(row, Mapping):
                yield from _unknown(row, row_model.model_fields, f"{name}.{index}")
    authentication = document.get("authentication")
    if isinstance(authentication, Mapping):
        type_name = authentication.get("type")
        known_name = DEPRECATED_ALIASES.get(type_name, type_name) if isinstance(type_name, str) else None
        kind = TYPES.get(known_name) if known_name else None
        known = [member.alias or name for name, member in kind.config.model_fields.items()] if kind else []
        # A config field beside `type` is a fault, not one that is ignored.
        elsewhere = {name: value for name, value in authentication.items() if name not in known}
        yield from _unknown(elsewhere, ("type", "config"), "authentication")
        config = authentication.get("config")
        if kind and isinstance(config, Mapping):
            yield from _unknown(config, known, "authentication.config")


def _unknown(members: Mapping[str, Any], known: Iterable[str], path: str) -> Iterator[Finding]:
    names = list(known)
    for name in members:
        if name not in names:
            meant = MEANT.get(name) or next(iter(difflib.get_close_matches(str(name), names, 1)), None)
            yield Finding(
                f"{path}.{name}" if path else str(name),
                f"the field `{name}` is unknown here and is ignored",
                hint=f"did you mean `{meant}`?" if meant in names else None,
            )
