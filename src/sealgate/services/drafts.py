"""A connector document while it is written: its kind, and the order of a composite connector's steps.

A draft may have any fault: what is no step stays what it is. Every function returns a new document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sealgate.errors import RequestInvalid
from sealgate.model.composite import is_composite

OF_THE_WHOLE = ("name", "permalink")
"""Members that a composite connector has besides its steps."""


def as_composite(document: Mapping[str, Any]) -> dict[str, Any]:
    """What is written becomes the first step. A composite connector stays as it is."""
    if is_composite(document):
        return dict(document)
    step = {name: value for name, value in document.items() if name not in OF_THE_WHOLE}
    return {**_of_the_whole(document), "steps": [{"name": "step-1", "method": "GET", "url": "", **step}]}


def may_be_single(document: Mapping[str, Any]) -> bool:
    """Whether `as_single` would lose nothing: there is no more than one step."""
    steps = document.get("steps", [])
    return isinstance(steps, list) and len(steps) <= 1 and all(isinstance(step, Mapping) for step in steps)


def as_single(document: Mapping[str, Any]) -> dict[str, Any]:
    """The only step becomes the connector. Raises RequestInvalid unless `may_be_single`."""
    if not is_composite(document):
        return dict(document)
    if not may_be_single(document):
        raise RequestInvalid("a connector sends one request", hint="remove all steps but one first")
    step: Mapping[str, Any] = next(iter(document["steps"]), {})
    others = {name: value for name, value in document.items() if name != "steps"}
    return {"url": "", **others, **{name: value for name, value in step.items() if name not in OF_THE_WHOLE}}


def with_new_step(document: Mapping[str, Any]) -> dict[str, Any]:
    """With one more step at the end, under a name of its own."""
    steps = _steps(document)
    taken = {step.get("name") for step in steps if isinstance(step, Mapping)}
    number = len(steps) + 1
    while f"step-{number}" in taken:
        number += 1
    new = {"name": f"step-{number}", "method": "GET", "url": ""}
    return {**document, "steps": [*steps, new]}


def without_step(document: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Raises RequestInvalid when there is no such step."""
    steps = _steps_with(document, index)
    return {**document, "steps": [*steps[:index], *steps[index + 1 :]]}


def with_step_moved(document: Mapping[str, Any], index: int, to: int) -> dict[str, Any]:
    """The step `index` at the place `to`, counted from 0; beyond an end is that end. Raises RequestInvalid
    when there is no such step."""
    steps = _steps_with(document, index)
    step = steps.pop(index)
    steps.insert(max(to, 0), step)
    return {**document, "steps": steps}


def _of_the_whole(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in OF_THE_WHOLE if name in document}


def _steps(document: Mapping[str, Any]) -> list[Any]:
    steps = document.get("steps")
    return list(steps) if isinstance(steps, list) else []


def _steps_with(document: Mapping[str, Any], index: int) -> list[Any]:
    steps = _steps(document)
    if not 0 <= index < len(steps):
        raise RequestInvalid(f"there is no step {index + 1}", hint="load the page again")
    return steps
