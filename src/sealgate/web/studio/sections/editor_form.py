"""The editor's form and the document that it stands for.

A form carries the document that it was made from (`base`). What a person did not touch stays as it is
written there: members that the form does not know, values that it cannot show, `null` where it shows
nothing. So a document that goes through the form and back is the same document.

    mode      form or code: which half counts
    document  Code Mode: the JSON text
    base      form mode: what the form was made from
    name, url, headers.0.key, authentication.config.value, …   form mode: members by their path
    steps.0.name, steps.0.headers.0.key, …                     the same of a composite connector's steps
    steps.0.open                                               whether its card is unfolded
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding
from sealgate.model.composite import is_composite
from sealgate.model.document import parse_json
from sealgate.web.studio.forms import Form
from sealgate.web.studio.sections.editor_exchange import (
    CONNECTOR,
    STEP,
    ExchangeForm,
    exchange_form,
    put_lines,
    read_exchange,
)
from sealgate.web.studio.sections.editor_members import Reading, as_json, as_line, members_of, text_of

CODE, FORM = "code", "form"
COMPOSITE_LINES = {"name": "", "permalink": ""}
FOLDING = re.compile(r"steps\.([0-9]+)\.open")
FEW_STEPS = 2
"""So many are unfolded at first."""


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step as a card. `exchange` is `None` for one that is no object: only Code Mode can correct it."""

    number: int
    name: str
    method: str
    url: str
    unfolded: bool
    exchange: ExchangeForm | None


@dataclass(frozen=True, slots=True)
class EditorForm:
    """What the form shows. `document` is the JSON text of Code Mode; `exchange` is there when `steps` is
    not."""

    mode: str
    document: str
    base: str
    texts: Mapping[str, str]
    exchange: ExchangeForm | None
    steps: tuple[StepForm, ...] | None

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
    document: Mapping[str, Any],
    *,
    mode: str = FORM,
    typed: Mapping[str, str] | None = None,
    unfolded: frozenset[int] | None = None,
) -> EditorForm:
    """`typed` are texts that could not be read, shown as they were typed; `unfolded` the numbers, from 1, of
    the steps to show whole, by default those of a short composite connector."""
    typed = typed or {}
    composite = is_composite(document)
    return EditorForm(
        mode=mode,
        document=typed.get("document") or as_json(document),
        base=json.dumps(document),
        texts={path: as_line(text_of(document.get(path))) for path in COMPOSITE_LINES},
        exchange=None if composite else exchange_form(document, CONNECTOR, typed),
        steps=tuple(_step_forms(document["steps"], typed, unfolded)) if composite else None,
    )


def unfolded_steps(form: Form) -> frozenset[int] | None:
    """The numbers of the steps that were unfolded when the form was posted; `None` when it had none."""
    folding = {found[1]: value for name, value in form.items() if (found := FOLDING.fullmatch(name))}
    return frozenset(int(index) + 1 for index, value in folding.items() if value) if folding else None


def _step_forms(steps: Any, typed: Mapping[str, str], unfolded: frozenset[int] | None) -> Iterator[StepForm]:
    written = steps if isinstance(steps, list) else []
    for index, step in enumerate(written):
        members = members_of(step)
        yield StepForm(
            number=index + 1,
            name=as_line(text_of(members.get("name"))),
            method=text_of(members.get("method"), "GET"),
            url=text_of(members.get("url")),
            unfolded=len(written) <= FEW_STEPS if unfolded is None else index + 1 in unfolded,
            exchange=exchange_form(step, STEP, typed, f"steps.{index}.")
            if isinstance(step, Mapping)
            else None,
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
    if not is_composite(base):
        return read_exchange(base, form, CONNECTOR)
    document: dict[str, Any] = dict(base)
    put_lines(document, form, COMPOSITE_LINES)
    if not isinstance(base["steps"], list):
        return Reading(document)
    readings = [_read_step(step, form.under(f"steps.{index}")) for index, step in enumerate(base["steps"])]
    document["steps"] = [reading.document for reading in readings]
    return Reading(
        document,
        tuple(
            fault.under(f"steps.{index}")
            for index, reading in enumerate(readings)
            for fault in reading.faults
        ),
        {
            f"steps.{index}.{path}": text
            for index, reading in enumerate(readings)
            for path, text in reading.typed.items()
        },
    )


def _read_step(base: Any, form: Form) -> Reading:
    """A step that was not on the page stays as it is."""
    return read_exchange(base, form, STEP) if "name" in form and isinstance(base, Mapping) else Reading(base)
