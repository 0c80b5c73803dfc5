"""The editor's form and the document that it stands for.

A form carries the document that it was made from (`base`). What a person did not touch stays as it is
written there: members that the form does not know, values that it cannot show, `null` where it shows
nothing. So a document that goes through the form and back is the same document.

    mode      form or code: which half counts
    document  Code Mode: the JSON text
    base      form mode: what the form was made from
    name, url, headers.0.key, authentication.config.value, …   form mode: members by their path
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sealgate.auth.catalog import TYPES
from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding
from sealgate.model.authentication import DEPRECATED_ALIASES
from sealgate.model.document import parse_json
from sealgate.web.studio.forms import Form
from sealgate.web.studio.sections.authentication_fields import ConfigField, fields_of

CODE, FORM = "code", "form"
CONFIG = "authentication.config"
NONE = "none"
LINES = {"name": "", "permalink": "", "url": "", "method": "GET", "response_content_type": ""}
"""Members of one line, with what an absent one means."""
TEXTS = ("request_body", "response_body")
SWITCHES = {"forward_query": True, "share_cached": False, "scrub_response": False}
ROWS: Mapping[str, tuple[str, ...]] = {
    "path_parameters": ("key",),
    "headers": ("key", "value", "overridable"),
    "query_parameters": ("key", "value", "overridable"),
}


@dataclass(frozen=True, slots=True)
class EditorForm:
    """What the form shows. `document` is the JSON text of Code Mode."""

    mode: str
    document: str
    base: str
    texts: Mapping[str, str]
    switches: Mapping[str, bool]
    rows: Mapping[str, list[dict[str, str]]]
    authentication: str
    config: tuple[tuple[ConfigField, str], ...]
    steps: tuple[Mapping[str, Any], ...] | None

    def text(self, path: str) -> str:
        return self.texts[path]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was posted: the document as far as it can be read, why it cannot be read further, and the texts
    at fault as they were typed."""

    document: dict[str, Any]
    faults: tuple[Finding, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)


def document_from_form(form: Form) -> dict[str, Any]:
    """The document that a posted editor stands for, valid or not. Raises DocumentInvalid when a part of it
    that has to be JSON is none."""
    reading = read_form(form)
    if reading.faults:
        raise DocumentInvalid("the connector cannot be read", fields=reading.faults)
    return reading.document


def read_form(form: Form) -> Reading:
    return _read_code(form) if form.get("mode") == CODE else _read_fields(form)


def form_from_document(
    document: Mapping[str, Any], *, mode: str = FORM, typed: Mapping[str, str] | None = None
) -> EditorForm:
    """`typed` are texts that could not be read, shown as they were typed."""
    typed = typed or {}
    name = _type_of(document)
    config = _members(_members(document).get("authentication")).get("config")
    texts = {path: as_line(_text(document.get(path), default)) for path, default in LINES.items()}
    texts |= {path: _text(document.get(path)) for path in TEXTS}
    return EditorForm(
        mode=mode,
        document=typed.get("document") or as_json(document),
        base=json.dumps(document),
        texts=texts,
        switches={path: _switch(document.get(path), default) for path, default in SWITCHES.items()},
        rows={path: list(_shown_rows(document.get(path), path)) for path in ROWS},
        authentication=name,
        config=tuple(
            (each, typed.get(f"{CONFIG}.{each.name}", _shown(each, _members(config).get(each.name))))
            for each in fields_of(name).values()
        ),
        steps=_steps(document.get("steps")) if "steps" in document else None,
    )


def as_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def as_line(text: str) -> str:
    """As a browser's field of one line has it (HTML, value sanitization)."""
    return text.replace("\r", "").replace("\n", "")


def _read_code(form: Form) -> Reading:
    text = form.get("document")
    try:
        value = parse_json(text)
    except DocumentInvalid as error:
        faults = error.fields or (Finding("", error.detail),)
        return Reading({}, tuple(faults), {"document": text})
    if not isinstance(value, dict):
        return Reading({}, (Finding("", "a connector is a JSON object"),), {"document": text})
    return Reading(value)


def _read_fields(form: Form) -> Reading:
    base = parse_json(form.get("base") or "{}")
    document: dict[str, Any] = dict(base)
    if "steps" not in base:
        for path, default in LINES.items():
            if path in form:
                _put(document, path, form.get(path), as_line(_text(base.get(path), default)))
        for path in TEXTS:
            if path in form:
                _put(document, path, form.get(path), _newlines(_text(base.get(path))))
        for path, default_on in SWITCHES.items():
            if (path in form) != _switch(base.get(path), default_on):
                document[path] = path in form
        for path in ROWS:
            _put_rows(document, path, form)
        return _put_authentication(document, form)
    for path in ("name", "permalink"):
        if path in form:
            _put(document, path, form.get(path), as_line(_text(base.get(path))))
    return Reading(document)


def _put(document: dict[str, Any], path: str, posted: str, shown: str) -> None:
    if posted == shown:
        return
    if posted:
        document[path] = posted
    else:
        document.pop(path, None)


def _put_rows(document: dict[str, Any], path: str, form: Form) -> None:
    """Rows as posted, each over the row of the base that it was made from."""
    base = document.get(path)
    before = base if isinstance(base, list) else []
    posted = form.indexed_rows(path)
    shown = [(str(index), row) for index, row in enumerate(_shown_rows(base, path)) if any(row.values())]
    if posted == shown:
        return
    rows = [
        _row(row, before[int(index)] if index.isdecimal() and int(index) < len(before) else {}, path)
        for index, row in posted
    ]
    if rows:
        document[path] = rows
    else:
        document.pop(path, None)


def _row(posted: Mapping[str, str], base: Any, path: str) -> dict[str, Any]:
    row = dict(_members(base))
    for column in ROWS[path]:
        if column == "overridable":
            if (column in posted) != bool(row.get(column)):
                row[column] = column in posted
        elif column == "key":
            if posted.get(column, "") != as_line(_text(row.get(column))):
                row[column] = posted.get(column, "")
        else:
            _put(row, column, posted.get(column, ""), as_line(_text(row.get(column))))
    row.setdefault("key", "")
    return row


def _shown_rows(value: Any, path: str) -> Iterator[dict[str, str]]:
    for item in value if isinstance(value, list) else ():
        members = _members(item)
        row = {name: as_line(_text(members.get(name))) for name in ROWS[path] if name != "overridable"}
        if "overridable" in ROWS[path] and members.get("overridable"):
            row["overridable"] = "true"
        yield row


def _put_authentication(document: dict[str, Any], form: Form) -> Reading:
    name = form.get("authentication.type", _type_of(document))
    same = name == _type_of(document)
    before = _members(document.get("authentication")) if same else {}
    base = _members(before.get("config"))
    config = dict(base)
    faults: list[Finding] = []
    typed: dict[str, str] = {}
    for each in fields_of(name).values():
        path = f"{CONFIG}.{each.name}"
        if path not in form:
            continue
        posted = form.get(path)
        shown = _shown(each, base.get(each.name))
        if posted == (_newlines(shown) if each.kind == "json" else as_line(shown)):
            continue
        if each.kind != "json":
            _put(config, each.name, posted, shown)
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


def _type_of(document: Mapping[str, Any]) -> str:
    name = _members(document.get("authentication")).get("type", NONE)
    name = DEPRECATED_ALIASES.get(name, name) if isinstance(name, str) else NONE
    return name if name in TYPES else NONE


def _shown(each: ConfigField, value: Any) -> str:
    """A config member as its field shows it."""
    if value is None:
        return each.default
    return as_json(value) if each.kind == "json" else _text(value)


def _steps(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(_members(step) for step in value) if isinstance(value, list) else ()


def _switch(value: Any, default: bool) -> bool:
    return default if value is None else bool(value)


def _text(value: Any, default: str = "") -> str:
    if value is None:
        return default
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _newlines(text: str) -> str:
    """As a browser posts the text of a textarea and `Form` reads it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
