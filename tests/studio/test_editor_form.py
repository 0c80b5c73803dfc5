"""The editor's form: what goes through it and back, as a browser posts it, is the same document."""

from __future__ import annotations

import json
import time
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from sealgate.auth.catalog import TYPES
from sealgate.errors import DocumentInvalid
from sealgate.importing.example_files import Example, examples
from sealgate.stores.studio_ports import StudioSession
from sealgate.web.studio.forms import Form
from sealgate.web.studio.pages import Pages
from sealgate.web.studio.sections import editor
from sealgate.web.studio.sections.authentication_fields import fields_of
from sealgate.web.studio.sections.editor_findings import FaultsAt
from sealgate.web.studio.sections.editor_form import (
    CODE,
    FORM,
    document_from_form,
    form_from_document,
)
from sealgate.web.studio.sections.json_places import line_and_column, place_of, places
from sealgate.web.studio.statics import Statics
from sealgate.web.studio.visit import Visit

PAGES = Pages(Statics())


class Fields(HTMLParser):
    """The successful controls of a page, as HTML has them posted."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self._ignored = 0
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._textarea: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._ignored += tag == "template"
        if self._ignored:
            return
        if tag == "input" and given.get("name"):
            kind, value = given.get("type", "text"), given.get("value", "")
            if kind != "checkbox" or "checked" in given:
                self.pairs.append((given["name"], value if kind == "hidden" else value.replace("\n", "")))
        elif tag == "select" and given.get("name"):
            self._select = given["name"], []
        elif tag == "option" and self._select:
            self._select[1].append((given["value"], "selected" in given))
        elif tag == "textarea":
            self._textarea = given["name"], []

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._textarea[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        self._ignored -= tag == "template"
        if tag == "select" and self._select:
            name, options = self._select
            chosen = [value for value, selected in options if selected] or [options[0][0]]
            self.pairs.append((name, chosen[-1]))
            self._select = None
        if tag == "textarea" and self._textarea:
            name, parts = self._textarea
            self.pairs.append((name, "".join(parts).removeprefix("\n").replace("\n", "\r\n")))
            self._textarea = None


def visit() -> Visit:
    scopes, now = frozenset({"admin"}), time.time()
    session = StudioSession("1", "default", "ada", scopes, "", now, now, now + 60)
    request = Request({"type": "http", "headers": [], "path_params": {}})
    return Visit(request, None, session, Form(), "token", editor.section, ())  # type: ignore[arg-type]


def posted(document: Any, mode: str = FORM) -> Form:
    """The editor of a document, drawn and sent off without a change."""
    context = {
        "visit": visit(),
        "csrf": "token",
        "editor": form_from_document(document, mode=mode),
        "stored": None,
        "revision": "",
        "readonly": False,
        "attempted": False,
        "unsaved": False,
        "moved": None,
        "findings_data": "[]",
        "faults": FaultsAt(),
        "findings": [],
        "places": [],
        "methods": lambda shown: [("GET", "GET"), (shown, shown)],
        "types": list(TYPES.values()),
        "secrets": ["key"],
        "secret_faults": None,
    }
    fields = Fields()
    page = PAGES.render("editor/body.html", context)
    fields.feed(page.replace("\r\n", "\n").replace("\r", "\n"))
    fields.close()
    return sent(fields.pairs)


def sent(pairs: list[tuple[str, str]]) -> Form:
    return Form(tuple(parse_qsl(urlencode(pairs), keep_blank_values=True)))


def with_changes(form: Form, changes: dict[str, str | None]) -> Form:
    """The same form with fields set, or (`None`) unticked."""
    kept = [(name, value) for name, value in form.pairs if name not in changes]
    return Form((*kept, *((name, value) for name, value in changes.items() if value is not None)))


texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
names = st.text("abc-_{}' \"<>&\r\n", min_size=1, max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


def rows(*columns: str) -> st.SearchStrategy[Any]:
    optional = {"value": st.none() | texts, "overridable": st.booleans() | st.none(), "note": json_values}
    members = {name: value for name, value in optional.items() if name in (*columns, "note")}
    row = st.fixed_dictionaries({"key": names}, optional=members)
    return st.none() | st.lists(row, max_size=3)


def configs(name: str) -> st.SearchStrategy[Any]:
    objects = st.none() | st.dictionaries(names, json_values, max_size=3)
    scalars = st.none() | texts | st.integers(1)
    fields = {each.name: objects if each.kind == "json" else scalars for each in fields_of(name).values()}
    return st.fixed_dictionaries({}, optional={**fields, "unknown": json_values})


def authentications() -> st.SearchStrategy[Any]:
    typed = [
        st.fixed_dictionaries(
            {"type": st.just(name)}, optional={"config": st.none() | configs(name), "unknown": json_values}
        )
        for name in (*TYPES, "apikey", "unheard-of")
    ]
    return st.one_of(*typed, json_values)


documents = st.fixed_dictionaries(
    {"name": names},
    optional={
        **dict.fromkeys(("url", "permalink", "response_content_type"), texts | st.none()),
        **dict.fromkeys(("request_body", "response_body"), texts | st.none()),
        **dict.fromkeys(("forward_query", "share_cached", "scrub_response"), st.none() | st.booleans()),
        "method": st.sampled_from(["GET", "POST", "get", None, 5]),
        "headers": rows("value", "overridable"),
        "query_parameters": rows("value", "overridable"),
        "path_parameters": rows() | json_values,
        "authentication": authentications(),
        "unknown member": json_values,
    },
)
COMPOSITE = {"name": "Two", "steps": [{"name": "a", "url": "https://a.example"}, 5], "note": None}


@settings(max_examples=150, deadline=None)
@given(documents | documents.map(lambda document: document | {"steps": [document]}))
def test_a_document_that_goes_through_the_form_and_back_is_the_same(document: dict[str, Any]) -> None:
    assert document_from_form(posted(document)) == document


@settings(max_examples=50, deadline=None)
@given(documents)
def test_a_document_that_goes_through_both_modes_and_back_is_the_same(document: dict[str, Any]) -> None:
    written = document_from_form(posted(document))
    coded = document_from_form(posted(written, CODE))
    assert document_from_form(posted(coded)) == document


members_of_a_step = documents.map(lambda document: document | {"when": "steps.a.status_code == 200"})
composites = st.fixed_dictionaries(
    {"name": names, "steps": st.lists(members_of_a_step | json_values, max_size=3) | json_values},
    optional={"permalink": texts | st.none(), "unknown member": json_values},
)


@settings(max_examples=60, deadline=None)
@given(composites)
def test_a_composite_that_goes_through_both_modes_and_back_is_the_same(document: dict[str, Any]) -> None:
    written = document_from_form(posted(document))
    assert document_from_form(posted(document_from_form(posted(written, CODE)))) == document


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_every_example_goes_through_the_form_unchanged(example: Example) -> None:
    assert document_from_form(posted(example.connector)) == example.connector


HEADERS = [{"key": "A", "value": "1", "note": "kept"}, {"key": "B", "value": "2", "overridable": True}]
DOCUMENT = {"name": "Weather", "url": "https://api.example.com/", "headers": HEADERS, "x-owner": "team"}
KEY = {"type": "api_key", "config": {"key": "X-Key", "value": "{{ get_secret('key') }}", "extra": 1}}
JWT = {"type": "jwt", "config": {"private_key": "{{ get_secret('key') }}", "claims": {"sub": "me"}}}
CLAIMS = {"claims": {"sub": "you"}, "algorithm": "ES256"}
CHANGES = [
    pytest.param({}, {"name": "Climate"}, {"name": "Climate"}, id="a line"),
    pytest.param({}, {"request_body": "a\r\nb"}, {"request_body": "a\nb"}, id="line ends"),
    pytest.param({"response_body": "x"}, {"response_body": ""}, {"response_body": ...}, id="emptied"),
    pytest.param({}, {"forward_query": None}, {"forward_query": False}, id="unticked"),
    pytest.param(
        {},
        {"headers.0.value": "9", "headers.1.overridable": None},
        {"headers": [HEADERS[0] | {"value": "9"}, HEADERS[1] | {"overridable": False}]},
        id="a row keeps what the form does not show",
    ),
    pytest.param(
        {},
        {"headers.0.key": "", "headers.0.value": ""},
        {"headers": [HEADERS[1]]},
        id="an emptied row goes",
    ),
    pytest.param(
        {},
        {"headers.1001.key": "C", "headers.1001.value": "3", "headers.1001.overridable": "true"},
        {"headers": [*HEADERS, {"key": "C", "value": "3", "overridable": True}]},
        id="a new row",
    ),
    pytest.param(
        {"authentication": KEY},
        {"authentication.config.key": "X-Other"},
        {"authentication": KEY | {"config": KEY["config"] | {"key": "X-Other"}}},
        id="a config field keeps the others",
    ),
    pytest.param(
        {"authentication": JWT},
        {"authentication.config.claims": '{"sub": "you"}', "authentication.config.algorithm": "ES256"},
        {
            "authentication": JWT
            | {"config": JWT["config"] | {"claims": {"sub": "you"}, "algorithm": "ES256"}}
        },
        id="json in a field",
    ),
    pytest.param(
        {"authentication": KEY}, {"authentication.type": "none"}, {"authentication": ...}, id="none"
    ),
    pytest.param(
        {"authentication": JWT},
        {"authentication.type": "oauth_jwt_bearer"},
        {
            "authentication": {
                "type": "oauth_jwt_bearer",
                "config": {"private_key": "{{ get_secret('key') }}"},
            }
        },
        id="another type keeps the fields that it shares",
    ),
]


@pytest.mark.parametrize(("members", "changes", "expected"), CHANGES)
def test_a_change_of_the_form_changes_that_member_alone(
    members: dict[str, Any], changes: dict[str, str | None], expected: dict[str, Any]
) -> None:
    document = DOCUMENT | members
    after = {name: value for name, value in (document | expected).items() if value is not ...}
    assert document_from_form(with_changes(posted(document), changes)) == after


def test_a_type_that_is_chosen_again_brings_its_fields_back() -> None:
    form = with_changes(posted(DOCUMENT | {"authentication": KEY}), {"authentication.type": "jwt"})
    assert document_from_form(form)["authentication"] == {"type": "jwt", "config": {}}
    back = with_changes(
        Form(tuple(pair for pair in form.pairs if "config" not in pair[0])),
        {"authentication.type": "api_key"},
    )
    assert document_from_form(back) == DOCUMENT | {"authentication": KEY}


@pytest.mark.parametrize(
    ("mode", "field", "text", "path", "line"),
    [
        (CODE, "document", '{\n "name": x}', "", 2),
        (CODE, "document", "[]", "", None),
        (CODE, "document", '{"name": "a", "name": "b"}', "name", None),
        (FORM, "authentication.config.claims", '{"sub": ', "authentication.config.claims", 1),
    ],
)
def test_what_has_to_be_json_and_is_none_is_a_fault_at_its_field(
    mode: str, field: str, text: str, path: str, line: int | None
) -> None:
    form = with_changes(posted(DOCUMENT | {"authentication": JWT}, mode), {field: text})
    with pytest.raises(DocumentInvalid) as refused:
        document_from_form(form)
    assert [(fault.path, fault.line) for fault in refused.value.fields] == [(path, line)]


@given(json_values, st.sampled_from([None, 0, 2]))
def test_every_value_of_a_json_text_is_found_where_it_stands(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    decoder = json.JSONDecoder()
    for path, offset in places(text).items():
        if "" not in path.split(".") and not any("." in name for name in _names(value)):
            assert decoder.raw_decode(text, offset)[0] == _at(value, path)


def _names(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(name for item in value.values() for name in _names(item))]
    return [name for item in value for name in _names(item)] if isinstance(value, list) else []


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", (1, 1)),
        ("name", (2, 11)),
        ("headers.0.value", (4, 27)),
        ("headers.0.nothing", (4, 5)),
        ("url", (1, 1)),
    ],
)
def test_a_path_is_a_line_and_a_column(path: str, place: tuple[int, int]) -> None:
    text = '{\n  "name": "a",\n  "headers": [\n    {"key": "b", "v": "c"}\n  ]\n}'.replace('"v"', '"value"')
    assert line_and_column(text, place_of(places(text), path)) == place
