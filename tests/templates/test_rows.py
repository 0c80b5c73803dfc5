# ruff: noqa: E501 (tables of templates)
"""Response templates as plain Python give what the ordinary way gives: the text, the errors, the records."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealgate.caller import ANONYMOUS
from sealgate.errors import SealgateError
from sealgate.secret import reveal
from sealgate.templates import Context, Dialect, Field, Limits, ResponseView, compile_template
from sealgate.templates.json_filters import from_json
from sealgate.templates.limits import Budget
from sealgate.templates.rendering import Render, rendering

D = "{% set d = response.body | from_json %}"
IN_ROWS = [
    '{"a": {{ r.a }}, "b": "{{ r.b }}"}', '{"a": {{ r.a | tojson }}, "b": {{ r.b | json_encode }}, "s": "{{ r.b | tojson }}"}',
    '{{ r }}', '"{{ r }}"', '{"l": {{ r["a"] }}, "m": {{ r.n.m }}, "d": {{ r.n.x | default("-") }}}',
    '{"d": {{ r.zip | default(none) }}, "e": "{{ r.zip | d("x", true) }}", "i": {{ r.b | default(value=1) | tojson(indent=1) }}}',
    '{% if r.a %}{"a": {{ r.a }}}{% elif r.n.m %}"m"{% else %}null{% endif %}', '{% if not r.zip and (r.a or r.b) %}1{% else %}2{% endif %}',
    '"{{ r.b | upper }} {{ r.b | length }} {{ r.b | replace("a", "b") }}"',
    '{{ "[" if r.a else "[" }}1]', '{{ r.a or r.b }}', '{{ r.zip or r.b }}', '{{ r.a == r.b }}',
    '"{{ loop.index }}/{{ loop.length }} {{ loop.first }} {{ loop.index0 }} {{ loop.revindex }} {{ loop.revindex0 }}"',
    '{{ (r.a ~ "-" ~ r.b) | tojson }}', '{{ r.a + 1 }}', '{{ r.a * 2 }}', '{% if r.a < 5 %}1{% else %}0{% endif %}', '{{ 1 if r.a in [1, 2] else 0 }}',
    '[{% for t in r.t %}{{ t }}{{ "," if not loop.last }}{% endfor %}]', '[{% for t in r.t if t %}{{ t | tojson }}{{ ", " if not loop.last }}{% endfor %}]',
    '{"j": "{{ r.t | join(", ") }}", "f": {{ r.t | first }}, "s": {{ r.t | sum }}}', '"{{ r.b }}{{ r.n }}{{ r.t }}"', '{{ r.missing }}',
    '"\\N{BULLET} \\\\ é \' {{ r.b }} {{ "{" }}}"', '{{ r.items }}', '{{ r.keys }}', '{{ r.t[0] }}', '{{ r.t[-1] }}', '{{ r.b[0] }}',
    '"{{ response.status_code }} {{ response.headers.etag }}"', '{{ d.rows | length }}', '{{ r._a }}',
    '"{{ r.b | trim | truncate(3) }}"', '{{ r.a | abs }}', '{{ r.b | from_json }}', '{{ r.big }}', '{{ r.f }}',
]  # fmt: skip
ORDINARY_ROWS = [
    '"{{ r.a if r.a is none else r.b }}"', '{{ r.b | safe }}', '{{ r.b.title() }}', '{{ loop }}', '"{{ "x\\"y" if r.a }}z"',
]  # fmt: skip
SOURCES = [
    f'{D}{{"rows": [{{% for r in d.rows %}}{row}{{{{ "," if not loop.last }}}}{{% endfor %}}]}}\n'
    for row in [*IN_ROWS, *ORDINARY_ROWS]
]
OTHER_SOURCES = [
    D + '{"a": {{ d }}}', D + "[{{ d.rows }}]", '{{ response.body }}', '{"b": {{ response.body }}}', '{"b": "{{ response.body }}"}',
    D + '<a>{{ d }}</a>', D + 'x {{ d }}', D + '{% if d %}{"a": 1}{% else %}<b>{{ d }}</b>{% endif %}', D + '{{ d }} {"a": 1}',
    D + '{"a{% for r in d.rows %}{{ r.a }}"{% endfor %}', D + '{"a": "\\{{ d }}"}', D + '{% set d = d.rows %}{"a": {{ d }}}',
    D + '{"a": {% for d in d.rows %}{{ d }}{% endfor %}}', '{"a": {{ unknown }}}', D + '{% set x = d.nope %}{"a": {{ x }}}',
    '{"a": {{ user.email }}}', '{"a": "{{ get_variable("region") }}"}', D + '{% macro m() %}{% endmacro %}{"a": {{ m() }}}',
    D + '{"n": {% for a in d.rows %}{% for b in d.rows %}{% for c in d.rows %}{{ c.a }}{% endfor %}{% endfor %}{% endfor %}}',
    '[' + '{{ response.status_code }} ' * 100 + ']', '[' + '{% if response.body %}' * 15 + '1' + '{% endif %}' * 15 + ']',
]  # fmt: skip

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "items"]), inner, max_size=2)
    ),
    max_leaves=6,
)
rows = st.fixed_dictionaries(
    {"a": json_values, "b": st.text(max_size=8) | json_values},
    optional={"n": st.fixed_dictionaries({"m": json_values}) | st.none(), "t": st.lists(json_values, max_size=3), "zip": json_values,
              "items": json_values, "_a": json_values, "big": st.just(10**25), "f": st.just(float("inf"))},
)  # fmt: skip
bodies = st.lists(rows, max_size=3).map(
    lambda found: json.dumps({"rows": found}).replace("Infinity", "1e999")
)
USUAL = json.dumps({"rows": [
    {"a": 1, "b": 'Ada "<&\'> é\n', "n": {"m": 2.5}, "t": [1, 2], "items": True, "_a": None, "big": 10**30, "f": 1e-9, "missing": 0, "keys": 3},
    {"a": 0, "b": "[1]", "n": {"m": False}, "t": [3], "items": {}, "_a": [], "big": 2**64, "f": 1.0, "missing": "x", "keys": "y"},
]})  # fmt: skip


def outcome(template, body: str | None, declared: Dialect | None) -> tuple[object, ...]:
    view = ResponseView(body, 200, {"etag": 'W/"1"'})
    context = Context("t1", ANONYMOUS, 1_700_000_000, {}, {"region": "eu"}, response=view)
    try:
        text = template.render(context, declared=declared)
        said = (type(text).__name__, reveal(text))
    except SealgateError as error:
        said = (type(error).__name__, error.detail)
    return (*said, context.missing)


def same(
    source: str, body: str | None, declared: Dialect | None = None, field: Field = Field.RESPONSE_BODY
) -> None:
    template = compile_template(source, Field.RESPONSE_BODY)
    ordinary = replace(template, _rows=None)
    assert outcome(template, body, declared) == outcome(ordinary, body, declared)


@pytest.mark.parametrize(
    "body", [USUAL, '{"rows": []}', '{"rows": {"a": 1}}', "[", None, '{"rows": [1, null]}']
)
@pytest.mark.parametrize("source", [*SOURCES, *OTHER_SOURCES])
def test_the_same_as_the_ordinary_way(source: str, body: str | None) -> None:
    for declared in (None, Dialect.JSON, Dialect.MARKUP):
        same(source, body, declared)


@given(source=st.sampled_from(SOURCES), body=bodies)
def test_the_same_for_any_rows(source: str, body: str) -> None:
    same(source, body)


@given(
    text=st.text(st.sampled_from("\"\\{}[]n:u0é'\n N"), max_size=12),
    body=json_values.map(lambda value: json.dumps({"rows": [value]})),
)
def test_the_same_after_any_text(text: str, body: str) -> None:
    source = f"{D}{{ {{% raw %}}{text}{{% endraw %}} {{{{ d.rows[0] }}}}"
    same(source, body)


def is_row_template(source: str) -> bool:
    return compile_template(source, Field.RESPONSE_BODY)._rows is not None


@pytest.mark.parametrize("row", [*IN_ROWS, *ORDINARY_ROWS])
def test_which_are_row_templates(row: str) -> None:
    source = f'{D}[{{% for r in d.rows %}}{row}{{{{ "," if not loop.last }}}}{{% endfor %}}]'
    assert is_row_template(source) is (row in IN_ROWS)


@pytest.mark.parametrize("source", [D + '{"a{% for r in d.rows %}{{ r.a }}"{% endfor %}', D + "<a>{{ d }}</a>", D + '{"a": "\\{{ d }}"}',
                                    D + '{% if d %}{"a": 1}{% endif %}', "{{ response.body }}"])  # fmt: skip
def test_where_the_place_is_not_certain_it_is_no_row_template(source: str) -> None:
    assert not is_row_template(source)


@pytest.mark.parametrize(
    ("limits", "source"),
    [
        (Limits(steps=200), D + '{"a": [{% for r in d.rows %}{{ r.a }},{% endfor %}]}'),
        (Limits(output=500), D + '{"a": [{% for r in d.rows %}{{ r.a }},{% endfor %}]}'),
        (
            Limits(steps=900),
            D + '{"a": [{% for a in d.rows %}{% for b in d.rows %}{{ b.a }}{% endfor %}{% endfor %}]}',
        ),
        (Limits(steps=5_000), D + '{"a": "' + "{{ d.long }}" * 100 + '"}'),
    ],
)
def test_what_a_render_may_use_is_the_same(limits: Limits, source: str) -> None:
    body = json.dumps({"rows": [{"a": number} for number in range(300)], "long": "x" * 20_000})
    template = compile_template(source, Field.RESPONSE_BODY, limits)
    assert template._rows is not None
    name, *_ = outcome(template, body, None)
    assert name == "TemplateLimitExceeded" or limits.steps == 5_000
    assert outcome(template, body, None) == outcome(replace(template, _rows=None), body, None)


def test_a_round_that_writes_much_pays_for_it() -> None:
    source = D + '{"a": "' + "{{ d.long }}" * 100 + '"}'
    template = compile_template(source, Field.RESPONSE_BODY)
    body = json.dumps({"long": "x" * 1_000_000})
    assert outcome(template, body, None)[0] == "TemplateLimitExceeded"


NUMBERS = (
    st.integers().map(str)
    | st.floats(allow_nan=False).map(str)
    | st.from_regex(r"-?[0-9]{1,25}(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
)


@given(
    NUMBERS
    | json_values.map(json.dumps)
    | st.text(st.sampled_from('{}[],:"\\u0d8\ufeff 1-.eENaInfty'), max_size=12)
)
def test_from_json_reads_what_the_standard_library_reads(text: str) -> None:
    def refuse(_: str) -> None:
        raise ValueError

    try:
        expected = json.loads(text, parse_constant=refuse)
    except ValueError:
        return
    context = Context("t1", ANONYMOUS, 1_700_000_000, {}, {})
    with rendering(Render(context, Budget(Limits()), text, {})):
        assert repr(from_json(text)) == repr(expected)
        assert repr(from_json(text.encode())) == repr(expected)
