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
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding
from sealgate.model.document import parse_json
from sealgate.web.studio.forms import Form
from sealgate.web.studio.sections.authentication_fields import ConfigField
from sealgate.web.studio.sections.editor_authentication import put_authentication, shown_config, type_of
from sealgate.web.studio.sections.editor_members import (
    Reading,
    as_json,
    as_line,
    as_posted,
    is_on,
    members_of,
    put,
    text_of,
)
from sealgate.web.studio.sections.editor_rows import ROWS, put_rows, shown_rows

CODE, FORM = "code", "form"
LINES = {"name": "", "permalink": "", "url": "", "method": "GET", "response_content_type": ""}
"""Members of one line, with what an absent one means."""
TEXTS = ("request_body", "response_body")
SWITCHES = {"forward_query": True, "share_cached": False, "scrub_response": False}


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
    texts = {path: as_line(text_of(document.get(path), default)) for path, default in LINES.items()}
    texts |= {path: text_of(document.get(path)) for path in TEXTS}
    return EditorForm(
        mode=mode,
        document=typed.get("document") or as_json(document),
        base=json.dumps(document),
        texts=texts,
        switches={path: is_on(document.get(path), default) for path, default in SWITCHES.items()},
        rows={path: list(shown_rows(document.get(path), path)) for path in ROWS},
        authentication=type_of(document),
        config=tuple(shown_config(document, typed)),
        steps=_steps(document.get("steps")) if "steps" in document else None,
    )


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
                put(document, path, form.get(path), as_line(text_of(base.get(path), default)))
        for path in TEXTS:
            if path in form:
                put(document, path, form.get(path), as_posted(text_of(base.get(path))))
        for path, default_on in SWITCHES.items():
            if (path in form) != is_on(base.get(path), default_on):
                document[path] = path in form
        for path in ROWS:
            put_rows(document, path, form)
        return put_authentication(document, form)
    for path in ("name", "permalink"):
        if path in form:
            put(document, path, form.get(path), as_line(text_of(base.get(path))))
    return Reading(document)


def _steps(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(members_of(step) for step in value) if isinstance(value, list) else ()
