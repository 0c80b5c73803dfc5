"""JSON: whatever the values, the document keeps the template's structure."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sealgate.errors import TemplateLimitExceeded
from sealgate.templates.writers import MISSING, Dialect, Unwritable, writer_for


class Value:
    """Marks a piece of a render as a value; plain strings are the template's own text."""

    def __init__(self, value: object) -> None:
        self.value = value


def write(pieces: Iterable[str | Value], dialect: Dialect = Dialect.JSON) -> str:
    writer = writer_for(dialect)
    return "".join(
        writer.value(piece.value) if isinstance(piece, Value) else writer.literal(piece) for piece in pieces
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("O'Brien", "O'Brien"),
        ('say "hi"', r"say \"hi\""),
        ("back\\slash", r"back\\slash"),
        ("line\nbreak\x00", r"line\nbreak\u0000"),
        ('","admin":true,"x":"', r"\",\"admin\":true,\"x\":\""),
        ("zażółć 🦊", "zażółć 🦊"),
        ("\ud800", r"\ud800"),
        (None, ""),
        (MISSING, ""),
        (True, "true"),
        (False, "false"),
        (12, "12"),
        (1.5, "1.5"),
        ([1, "a"], r"[1, \"a\"]"),
        ({"a": {"b": None}}, r"{\"a\": {\"b\": null}}"),
        (b"raw", "b'raw'"),
    ],
)
def test_inside_a_string(value: object, written: str) -> None:
    assert write(['{"k": "', Value(value), '"}']) == '{"k": "' + written + '"}'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "true"),
        (12.5, "12.5"),
        (10**30, "1" + "0" * 30),
        ([1, "a", None], '[1, "a", null]'),
        ((1, 2), "[1, 2]"),
        ({"a": "ż"}, '{"a": "ż"}'),
        ({1: "number keys become strings"}, '{"1": "number keys become strings"}'),
        ([MISSING], "[null]"),
        ("plain text", '"plain text"'),
        ("", '""'),
        ("  ", '"  "'),
        ("\ud800", '"\\ud800"'),
        ("NaN", '"NaN"'),
        ("-Infinity", '"-Infinity"'),
        ("01", '"01"'),
        ("'x'", "\"'x'\""),
        # One complete JSON text is written as it is …
        ('{"order": {"id": "A7"}}', '{"order": {"id": "A7"}}'),
        (" [1,\n2] ", " [1,\n2] "),
        ('"quoted"', '"quoted"'),
        ("true", "true"),
        ("12", "12"),
        ("1e999", "1e999"),
        (r'{"half": "\ud800"}', r'{"half": "\ud800"}'),
        # … and never more than one.
        ("1, 2", '"1, 2"'),
        ('1, "admin": true', r'"1, \"admin\": true"'),
        ('{"a":1}, {"b":2}', r'"{\"a\":1}, {\"b\":2}"'),
        ('{"a":1', r'"{\"a\":1"'),
        ("[1,]", '"[1,]"'),
    ],
)
def test_outside_a_string(value: object, written: str) -> None:
    assert write(['{"k": ', Value(value), "}"]) == '{"k": ' + written + "}"


def test_a_missing_value_outside_a_string_is_nothing() -> None:
    assert write(["[1", Value(MISSING), "]"]) == "[1]"


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (['{"a": "x', '\\"', " ", Value('"'), '"}'], r'{"a": "x\" \""}'),
        (['{"a": "x\\', '"', Value('"'), '"}'], r'{"a": "x\"\""}'),
        (['{"a": "\\\\', '", "b": ', Value("v"), "}"], r'{"a": "\\", "b": "v"}'),
        (['{"a": "\\', "\\", '", "b": ', Value("v"), "}"], r'{"a": "\\", "b": "v"}'),
        (['{"a": "\\u00', "41", Value('"'), '"}'], r'{"a": "\u0041\""}'),
        (['{"a": "', "", Value(1), '", ', '"b', '": ', Value("c"), "}"], '{"a": "1", "b": "c"}'),
        (['["', Value("a"), '", "', Value('b"'), '"]'], r'["a", "b\""]'),
    ],
)
def test_the_place_survives_any_cut_of_the_text(pieces: list[str | Value], text: str) -> None:
    assert write(pieces) == text


@pytest.mark.parametrize("text", ['{"a": "\\', '{"a": "\\u', '{"a": "\\u004', '{"a": "\\\\\\'])
@pytest.mark.parametrize("value", ['"', "n", "", None, MISSING])
def test_a_value_inside_an_escape_is_refused(text: str, value: object) -> None:
    with pytest.raises(Unwritable, match="backslash"):
        write([text, Value(value)])


@pytest.mark.parametrize("text", ["[", '["'])
@pytest.mark.parametrize(
    ("value", "says"),
    [
        (float("nan"), "NaN"),
        (float("inf"), "NaN"),
        ([float("-inf")], "NaN"),
        ({(1, 2): 3}, "key"),
        (iter([1]), "list"),
        ({1, 2}, "list"),
        (len, "call"),
        (object(), "member"),
    ],
)
def test_what_has_no_json_form_is_refused(text: str, value: object, says: str) -> None:
    with pytest.raises(Unwritable, match=says):
        write([text, Value(value)])


def _deep() -> list[object]:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    return value


def _doubled() -> list[object]:
    value: list[object] = []
    for _ in range(60):
        value = [value, value]
    return value


def _endless() -> list[object]:
    value: list[object] = []
    value.append(value)
    return value


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize(
    "value",
    [_deep(), _doubled(), _endless(), ["x" * 1_000_000] * 100, 1 << 20_000, "x" * 20_000_000],
    ids=["deep", "doubled", "endless", "repeated text", "long number", "long text"],
)
def test_endless_values_are_bounded(dialect: Dialect, value: object) -> None:
    with pytest.raises(TemplateLimitExceeded):
        write(["[", Value(value)], dialect)


@pytest.mark.parametrize("text", ["[" * 100_000 + "]" * 100_000, "[" + "[]," * 1_500_000 + "[]]"])
def test_json_text_is_bounded_too(text: str) -> None:
    with pytest.raises(TemplateLimitExceeded):
        write(["[", Value(text)])


@given(key=st.text(), inside=st.text(), beside=json_values, last=st.text())
@example(key='"', inside="\\", beside="\\", last='","x":"')
def test_structure_and_text_are_the_templates(key: str, inside: str, beside: object, last: str) -> None:
    written = write(
        ['{"', Value("k" + key), '": ["a ', Value(inside), ' z"], "beside": ', Value([beside]),
         ', "last": {"of": "', Value(last), '"}}']
    )  # fmt: skip
    names = json.loads(written, object_pairs_hook=lambda pairs: [name for name, _ in pairs])
    assert names == ["k" + key, "beside", "last"]
    assert json.loads(written) == {"k" + key: [f"a {inside} z"], "beside": [beside], "last": {"of": last}}


@given(values=st.lists(st.text(), min_size=3, max_size=3))
def test_bare_text_stays_one_value(values: list[str]) -> None:
    written = write(["[", Value(values[0]), ",", Value(values[1]), ",", Value(values[2]), "]"])
    elements = json.loads(written)
    assert len(elements) == 3
    for element, value in zip(elements, values, strict=True):
        assert element == value or element == json.loads(value)
