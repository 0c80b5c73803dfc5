"""Strict JSON and permalinks."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealgate.errors import DocumentInvalid
from sealgate.model.document import parse_json
from sealgate.model.permalink import PERMALINK, permalink_of
from sealgate.model.schema import connector_schema, registry_schema


def test_every_repeated_member_is_named_at_once():
    with pytest.raises(DocumentInvalid) as caught:
        parse_json('{"a": 1, "a": 2, "list": [{"b": {"c": 1, "c": 2}}]}')
    assert [fault.path for fault in caught.value.fields] == ["a", "list.0.b.c"]


@pytest.mark.parametrize(
    ("text", "line", "column"), [('{"a": }', 1, 7), ("", 1, 1), ('{"a": 1,\n "b" 2}', 2, 6), ("{} x", 1, 4)]
)
def test_what_is_not_json_is_said_with_its_place(text, line, column):
    with pytest.raises(DocumentInvalid) as caught:
        parse_json(text)
    (fault,) = caught.value.fields
    assert (fault.line, fault.column) == (line, column)


@pytest.mark.parametrize(
    "text", [b"\xff", "NaN", "[Infinity]", "[" * 100_000, '{"a":' * 500 + "1" + "}" * 500]
)
def test_what_else_is_refused(text):
    with pytest.raises(DocumentInvalid):
        parse_json(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
)


@given(JSON)
def test_what_is_json_is_read_as_it_is(value):
    assert parse_json(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("name", "permalink"),
    [
        ("Weather API", "weather-api"),
        ("My Widget's Data Feed", "my-widget-s-data-feed"),
        ("  --A  B--", "a-b"),
        ("Größe", "gr-e"),
        ("???", ""),
    ],
)
def test_permalinks(name, permalink):
    assert permalink_of(name) == permalink


@given(st.text(max_size=400))
def test_a_derived_permalink_is_valid_or_empty(name):
    permalink = permalink_of(name)
    assert permalink == "" or (PERMALINK.match(permalink) and len(permalink) <= 255)


def test_the_schema_has_every_type_and_no_default_mutable():
    text = json.dumps(connector_schema())
    for name in ("api_key", "oauth_client_credentials", "jwt", "oauth_jwt_bearer", "none"):
        assert f'"{name}"' in text
    assert connector_schema()["required"] == ["name", "url"]
    assert {"Connector", "Composite", "Step"} <= set(registry_schema()["$defs"])
