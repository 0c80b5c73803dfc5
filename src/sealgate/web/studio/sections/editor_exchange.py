"""One HTTP exchange in the editor's form: a connector, or a step of a composite connector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealgate.web.studio.forms import Form
from sealgate.web.studio.sections.authentication_fields import ConfigField
from sealgate.web.studio.sections.editor_authentication import put_authentication, shown_config, type_of
from sealgate.web.studio.sections.editor_members import Reading, as_line, as_posted, is_on, put, text_of
from sealgate.web.studio.sections.editor_rows import put_rows, shown_rows

TEXTS = ("request_body", "response_body")


@dataclass(frozen=True, slots=True)
class Shape:
    """The members that a form has fields for: those of one line with what an absent one means, switches
    likewise, and rows."""

    lines: Mapping[str, str]
    switches: Mapping[str, bool]
    rows: tuple[str, ...]


CONNECTOR = Shape(
    {"name": "", "permalink": "", "url": "", "method": "GET", "response_content_type": ""},
    {"forward_query": True, "share_cached": False, "scrub_response": False},
    ("path_parameters", "headers", "query_parameters"),
)
STEP = Shape(
    {"name": "", "when": "", "url": "", "method": "GET", "response_content_type": ""},
    {"share_cached": False, "scrub_response": False},
    ("headers", "query_parameters"),
)


@dataclass(frozen=True, slots=True)
class ExchangeForm:
    """What the form shows of one. `prefix` begins the names of its fields: nothing, or `steps.2.`."""

    prefix: str
    texts: Mapping[str, str]
    switches: Mapping[str, bool]
    rows: Mapping[str, list[dict[str, str]]]
    authentication: str
    config: tuple[tuple[ConfigField, str], ...]

    def text(self, path: str) -> str:
        return self.texts[path]

    @property
    def id(self) -> str:
        """Begins the ids of its elements."""
        return self.prefix.replace(".", "-")


def exchange_form(
    document: Mapping[str, Any], shape: Shape, typed: Mapping[str, str], prefix: str = ""
) -> ExchangeForm:
    """`typed` are texts that could not be read, shown as they were typed."""
    own = {path.removeprefix(prefix): text for path, text in typed.items() if path.startswith(prefix)}
    texts = {path: as_line(text_of(document.get(path), default)) for path, default in shape.lines.items()}
    texts |= {path: text_of(document.get(path)) for path in TEXTS}
    return ExchangeForm(
        prefix=prefix,
        texts=texts,
        switches={path: is_on(document.get(path), default) for path, default in shape.switches.items()},
        rows={path: list(shown_rows(document.get(path), path)) for path in shape.rows},
        authentication=type_of(document),
        config=tuple(shown_config(document, own)),
    )


def read_exchange(base: Mapping[str, Any], form: Form, shape: Shape) -> Reading:
    """What was posted of one, over what the form was made from. The names in `form` have no prefix."""
    document = dict(base)
    put_lines(document, form, shape.lines)
    for path in TEXTS:
        if path in form:
            put(document, path, form.get(path), as_posted(text_of(base.get(path))))
    for path, default_on in shape.switches.items():
        if (path in form) != is_on(base.get(path), default_on):
            document[path] = path in form
    for path in shape.rows:
        put_rows(document, path, form)
    return put_authentication(document, form)


def put_lines(document: dict[str, Any], form: Form, lines: Mapping[str, str]) -> None:
    for path, default in lines.items():
        if path in form:
            put(document, path, form.get(path), as_line(text_of(document.get(path), default)))
