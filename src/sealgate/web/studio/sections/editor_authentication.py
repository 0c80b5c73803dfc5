"""The authentication of an exchange in the editor's form: its type, and the fields of that type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sealgate.auth.catalog import TYPES
from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding
from sealgate.model.authentication import DEPRECATED_ALIASES
from sealgate.model.document import parse_json
from sealgate.web.studio.forms import Form
from sealgate.web.studio.sections.authentication_fields import ConfigField, fields_of
from sealgate.web.studio.sections.editor_members import (
    Reading,
    as_json,
    as_line,
    as_posted,
    members_of,
    put,
    text_of,
)

CONFIG = "authentication.config"
NONE = "none"


def type_of(document: Mapping[str, Any]) -> str:
    """The name of its authentication type; `none` for one that is unknown."""
    name = members_of(document.get("authentication")).get("type", NONE)
    name = DEPRECATED_ALIASES.get(name, name) if isinstance(name, str) else NONE
    return name if name in TYPES else NONE


def shown_config(document: Mapping[str, Any], typed: Mapping[str, str]) -> Iterator[tuple[ConfigField, str]]:
    """The fields of its type with their texts; `typed` are those that could not be read."""
    config = members_of(members_of(document.get("authentication")).get("config"))
    for each in fields_of(type_of(document)).values():
        yield each, typed.get(f"{CONFIG}.{each.name}", _shown(each, config.get(each.name)))


def put_authentication(document: dict[str, Any], form: Form) -> Reading:
    name = form.get("authentication.type", type_of(document))
    same = name == type_of(document)
    before = members_of(document.get("authentication")) if same else {}
    base = members_of(before.get("config"))
    config = dict(base)
    faults: list[Finding] = []
    typed: dict[str, str] = {}
    for each in fields_of(name).values():
        path = f"{CONFIG}.{each.name}"
        if path not in form:
            continue
        posted = form.get(path)
        shown = _shown(each, base.get(each.name))
        if posted == (as_posted(shown) if each.kind == "json" else as_line(shown)):
            continue
        if each.kind != "json":
            put(config, each.name, posted, shown)
            continue
        if not posted.strip():
            config.pop(each.name, None)
            continue
        try:
            config[each.name] = parse_json(posted)
        except DocumentInvalid as error:
            faults += [fault.under(path) for fault in error.fields]
            typed[path] = posted
    if not same and name == NONE:
        document.pop("authentication", None)
    elif not same or config != base:
        document["authentication"] = {**before, "type": name, "config": config}
    return Reading(document, tuple(faults), typed)


def _shown(each: ConfigField, value: Any) -> str:
    """A config member as its field shows it."""
    if value is None:
        return each.default
    return as_json(value) if each.kind == "json" else text_of(value)
