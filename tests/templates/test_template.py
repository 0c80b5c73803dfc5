# ruff: noqa: E501 (tables of templates)
"""Rendering: values, functions, filters, what is missing, escaping by place, secrets, errors (REFERENCE 4)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealgate.caller import ANONYMOUS
from sealgate.errors import (
    RequestTemplateFailed,
    ResponseTemplateFailed,
    SealgateError,
    SecretNotFound,
    SigningFailed,
    TemplateLimitExceeded,
    VariableNotFound,
)
from sealgate.secret import Secret
from sealgate.templates import Context, Dialect, Field, Limits, compile_template

Render = Callable[..., str]
Make = Callable[..., Context]
JWT = ("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGFAZXhhbXBsZS5jb20iLCJleHAiOjE3MDAwMDM2MDB9"
       ".WEq6erynOg11uEuiSy9toH8sEr6fzwNn2fjhCeSc7AE")  # fmt: skip


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ user.email }}", "ada@example.com"),
        ("{{ user.last_name }}", ""),
        ("{{ user.profile_fields.by_id(42) }}", "Platform"),
        ("{{ user.profile_fields.by_id(1) }}", ""),
        ("{{ now() }} {{ now(3600) }} {{ now(-60) }}", "1700000000 1700003600 1699999940"),
        ("{{ 'ada:pw' | base64_encode }}", "YWRhOnB3"),
        ("{{ 'YWRhOnB3' | base64_decode }}", "ada:pw"),
        ("{{ jwt_encode({'sub':'ada@example.com','exp':1700003600}, 's3cret-key', 'HS256') }}", JWT),
        ("{{ nope }}", ""), ("{{ nope.a.b[0].c }}", ""), ("{{ [][0].id }}", ""), ("{{ {}.a.b }}", ""), ("{{ none }}", ""),
        ("{{ none | default('x') }}", "x"), ("{{ nope.a | default('x') }}", "x"), ("{{ '' | default('x') }}", ""),
        ("{{ '' | default('x', true) }}", "x"), ("{{ 0 | d('x', boolean=true) }}", "x"), ("{{ none ~ 'a' ~ nope }}", "a"),
        ("{{ user.__class__ }}", ""), ("{{ {'items': 1}.items }}", "1"), ("{{ {'a': 1}.items() | list }}", "[('a', 1)]"),
        ("{% if true %}\na{% endif %}\nb", "ab"), ("{% set x = namespace(a=none) %}{{ x.a is none }}", "True"),
        ("{{ dict(self=1, context=2, obj=3) | length }}", "3"), ("{{ [1, 2, 3] | map('string') | join(d='-') }}", "1-2-3"),
        ("{{ [3, 1, 2] | sort | join }}{{ [3, 1] | min }}{{ [3, 1] | max }}", "12313"), ("{{ [] | max }}", ""),
        ("{{ [{'a': 'B'}, {'a': 'a'}] | sort(attribute='a') | map(attribute='a') | join }}", "aB"),
        ("{% for k, g in [{'a': 'x'}, {'a': 'X'}] | groupby('a') %}{{ k }}{{ g | length }}{% endfor %}", "x2"),
        ("{{ ['a', 'A', 'b'] | unique | join }}", "ab"), ("{{ {'b': 1, 'a': 2} | dictsort }}", "[('a', 2), ('b', 1)]"),
        ("{{ [1, 2, 3] | batch(2, 0) }}", "[[1, 2], [3, 0]]"), ("{{ [1, 2, 3] | slice(2, 0) }}", "[[1, 2], [3, 0]]"),
        ("{{ [{'n': 1}, {'n': 2.5}] | sum(attribute='n') }}", "3.5"), ("{{ 'it\\'s a-b' | title }}", "It's A-B"),
        ("{{ '<b>x</b> <!-- y -->&amp; z' | striptags }}", "x & z"), ("{{ 'foo bar baz qux' | truncate(9) }}", "foo..."),
        ("{{ 'foo bar baz' | truncate(11) }}", "foo bar baz"), ("{{ 'a\nb' | indent(2) }}", "a\n  b"), ("{{ 'a' | center(3) }}", " a "),
        ("{{ 'a b/c' | urlencode }}{{ {'a': 'b c'} | urlencode }}", "a%20b/ca=b+c"), ("{{ 2.5 | round }}{{ 7 is odd }}", "2.0True"),
        ("{{ range(5) | select('even') | list }}{{ 'abc'[1:] }}{{ [1, 2][::-1] }}", "[0, 2, 4]bc[2, 1]"),
        ("{% macro m(x, y=2) %}{{ x }}{{ y }}{% endmacro %}{{ m(1) }}{{ m(*[3, 4]) }}{{ m(**{'x': 5}) }}", "123452"),
        ("{% for x in [[1, [2]]] recursive %}{% if x is sequence %}{{ loop(x) }}{% else %}{{ x }}{% endif %}{% endfor %}", "12"),
        ("{{ 'a' if false }}|{{ 'a' if false else 'b' }}", "|b"), ("{{ {'a': [1, none]} | json_encode }}", '{"a": [1, null]}'),
        ("{{ 'a&<' | tojson }}", '"a\\u0026\\u003c"'), ("{{ 7 // 2 }} {{ 7 % 4 }} {{ 2 ** 5 }} {{ -3 }}", "3 3 32 -3"),
    ],
)  # fmt: skip
def test_values(render: Render, source: str, text: str) -> None:
    assert render(source, Field.AUTHENTICATION) == text


ALL = {"get_secret('api_key')": "AHQ", "key_id('api_key')": "AHQ", "get_variable('region')": "AHQU", "jwt_encode({}, 'k')": "AHQUB", "now()": "AHQUBR",
       "user.id": "AHQUBR", "tenant_id": "AHQUBR", "body_text": "B", "body_raw": "B", "response.body": "R", "pathParams.p": "U"}  # fmt: skip
LETTERS = {Field.AUTHENTICATION: "A", Field.HEADER: "H", Field.QUERY: "Q", Field.URL: "U", Field.REQUEST_BODY: "B", Field.RESPONSE_BODY: "R"}  # fmt: skip


@pytest.mark.parametrize("field", list(LETTERS), ids=lambda field: field.name)
@pytest.mark.parametrize("expression", list(ALL))
def test_availability(make_context: Make, expression: str, field: Field) -> None:
    """REFERENCE 4.4: what a field does not have warns; a function then fails, a name prints nothing."""
    template = compile_template(f"{{{{ {expression} }}}}", field)
    context = make_context(body=b"x", response_body="y", path_params={"p": "z"})
    if LETTERS[field] in ALL[expression]:
        assert template.warnings == ()
        assert template.render(context) not in ("", Secret(""))
    elif "(" in expression:
        assert "a call fails" in template.warnings[0].message
        with pytest.raises((RequestTemplateFailed, ResponseTemplateFailed), match="is not available in"):
            template.render(context)
    else:
        assert "prints nothing" in template.warnings[0].message
        assert template.render(context) == ""


def test_anonymous_prints_nothing(render: Render) -> None:
    assert render("{{ user.email }}|{{ user.email | default('nobody') }}", user=ANONYMOUS) == "|nobody"


def test_missing_look_ups_are_recorded_once_with_their_place(make_context: Make) -> None:
    context = make_context()
    source = "{{ nope }} {{ user.idd }}\n{% for i in [1, 2] %}{{ i.a.b }}{% endfor %}{{ user.email.x | default('') }}{{ none }}"
    compile_template(source, Field.RESPONSE_BODY).render(context)
    assert [(found.expression, found.line) for found in context.missing] == [
        ("nope", 1),
        ("user.idd", 1),
        ("i.a.b", 2),
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('{"a": "{{ v }}", "b": {{ v }}}', '{"a": "O\'Brien \\"x\\"", "b": "O\'Brien \\"x\\""}'),
        ('{% set b %}"{{ v }}"{% endset %}{"a": {{ b }}}', '{"a": "O\'Brien \\"x\\""}'),
        ('{% macro m(x) %}"{{ x }}"{% endmacro %}{"a": {{ m(v) }}}', '{"a": "O\'Brien \\"x\\""}'),
        ('{"a": [1{{ ", 2" if true }}]}', '{"a": [1, 2]}'),
        ('{"a": {{ "{" }}{{ "}" }} }', '{"a": {} }'),
        ('{"a": "{{ v | tojson }}"}', '{"a": "\\"O\\\\u0027Brien \\\\\\"x\\\\\\"\\""}'),
        ('{"a": {{ none }}, "b": "{{ none }}"}', '{"a": null, "b": ""}'),
        ('<a b="{{ v }}">{{ v }}</a>', '<a b="O&#39;Brien &#34;x&#34;">O&#39;Brien &#34;x&#34;</a>'),
        ('<a b="{{ [1, "<"] | tojson }}">', '<a b="[1, &#34;\\u003c&#34;]">'),
        ("<a>{{ '<b>' | safe }}{{ ('<' ~ v) | safe }}</a>", "<a><b><O'Brien \"x\"</a>"),
        ("x{{ v }}", "xO'Brien \"x\""),
    ],
)  # fmt: skip
def test_escaping_by_place(render: Render, source: str, text: str) -> None:
    assert render("{% set v = response.body %}" + source, response_body='O\'Brien "x"') == text


def test_the_declared_dialect_wins(render: Render) -> None:
    assert render("a={{ 'b&c=d' ~ '' }}", declared=Dialect.FORM) == "a=b%26c%3Dd"
    assert render("{{ '<' ~ '' }}", incoming=Dialect.MARKUP) == "&lt;"
    assert render('{{ "[1" ~ "]" }}', incoming=Dialect.JSON) == "[1]"


@given(st.text())
def test_a_value_never_leaves_its_string(value: str) -> None:
    template = compile_template('{"a": "x{{ body_text }}", "b": 1}', Field.REQUEST_BODY)
    body = value.encode(errors="replace")
    context = Context(tenant_id="t", user=ANONYMOUS, now=0, secrets={}, variables={}, body=body)
    assert json.loads(str(template.render(context))) == {"a": "x" + body.decode(), "b": 1}


@pytest.mark.parametrize("value", ["a\\nb", "a\\rb", "a\\0b", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_header_values(render: Render, value: str) -> None:
    with pytest.raises(RequestTemplateFailed, match="a header value cannot hold"):
        render(f"{{{{ '{value}' ~ '' }}}}", Field.HEADER)


def test_safe_cannot_be_named_in_a_text(render: Render) -> None:
    with pytest.raises(RequestTemplateFailed, match="map"):
        render("{{ ['<'] | map('safe') | first }}", Field.REQUEST_BODY)


@pytest.mark.parametrize(
    ("source", "secret"),
    [
        ("{{ get_secret('api_key') }}", True), ("{{ get_secret('api_key') and 'x' }}", True), ("{{ user.id }}", False), ("plain", False),
        ("{% if false %}{{ get_secret('api_key') }}{% endif %}x", False), ("{{ jwt_encode({}, get_secret('api_key')) }}", True),
    ],
)  # fmt: skip
def test_a_result_is_secret_when_a_secret_was_read(make_context: Make, source: str, secret: bool) -> None:
    context = make_context()
    context.used_secrets.add("other")
    result = compile_template(source, Field.HEADER).render(context)
    assert isinstance(result, Secret) == secret
    assert context.used_secrets == ({"other", "api_key"} if secret else {"other"})


@pytest.mark.parametrize(
    "expression",
    [
        "{{ [get_secret('api_key')[1:]].index(1) }}", "{{ {}.pop(get_secret('api_key')[1:]) }}", "{{ get_secret('api_key')[1:] | filesizeformat }}",
        "{{ [1].index(get_secret('api_key')[1:]) }}", "{{ get_secret(get_secret('api_key')[1:]) }}", "{{ get_variable(get_secret('api_key')[1:]) }}",
        "{{ now(**{get_secret('api_key')[1:]: 1}) }}", "{{ jwt_encode({}, 'k', get_secret('api_key')) }}", "{{ get_secret('api_key')() }}",
        "{% macro m() %}{% endmacro %}{{ m(**{get_secret('api_key')[1:]: 1}) }}", "{{ [1] | map(get_secret('api_key')[1:]) | list }}",
        "{{ get_secret('api_key') | from_json }}", "{{ get_secret('api_key')[7:] + 1 }}", "{{ get_secret('api_key') | base64_decode }}",
    ],
)  # fmt: skip
def test_errors_hold_no_part_of_a_secret(make_context: Make, expression: str) -> None:
    with pytest.raises(SealgateError) as raised:
        compile_template(expression, Field.HEADER).render(make_context())
    assert "unter2" not in f"{raised.value.detail}{raised.value.hint}{raised.value.args}"


def test_missing_look_ups_hold_no_part_of_a_secret(make_context: Make) -> None:
    context = make_context()
    source = "{{ [{}] | map(attribute=get_secret('api_key')[1:]) | join }}{{ {}[get_secret('api_key')[1:]] }}"
    compile_template(source, Field.HEADER).render(context)
    assert context.missing
    assert "unter2" not in repr(context.missing)


@pytest.mark.parametrize(
    ("source", "error", "detail", "hint"),
    [
        ("{{ get_secret('api_kay') }}", SecretNotFound, "there is no secret 'api_kay' (line 1: get_secret('api_kay'))", "did you mean get_secret('api_key')?"),
        ("{{ get_variable('regoin') }}", VariableNotFound, "there is no variable 'regoin'; did you mean get_variable('region')?", None),
        ("{{ get_variable('nope') ~ 'x' }}", VariableNotFound, "there is no variable 'nope'", None),
        ("{{ get_variable('nope') + 'x' }}", VariableNotFound, "there is no variable 'nope'", None),
        ("{{ get_variable('nope') == 'x' }}", VariableNotFound, "there is no variable 'nope'", None),
        ("{{ get_variable('nope').x }}", VariableNotFound, "there is no variable 'nope'", None),
        ("{{ key_id('apikey') }}", SecretNotFound, "there is no secret 'apikey'", "did you mean key_id('api_key')?"),
        ("{{ key_id('a' ~ 1) }}", SecretNotFound, "there is no secret of a computed name", None),
        ("{{ key_id(1) }}", SecretNotFound, "there is no secret of a computed name", None),
        ("{{ key_id('other') }}", RequestTemplateFailed, "the secret 'other' has no key pair with a key id: generate one", None),
        ("{{ key_id('oth' ~ 'er') }}", RequestTemplateFailed, "the secret of a computed name has no key pair", None),
        ("a\n{{ 1 }} {{ 1 + 'a' }} {{ 2 }}", RequestTemplateFailed, "(line 2: 1 + 'a')", None),
        ("{{\n\n 1 + 'a' }}", RequestTemplateFailed, "(line 3: 1 + 'a')", None),
        ("{{ 1 / 0 }}", RequestTemplateFailed, "a division by zero", None),
        ("{{ nope() }}", RequestTemplateFailed, "nope() is not a function that templates have", None),
        ("{{ none | from_json }}", RequestTemplateFailed, "guard it with `if`", None),
        ("{{ jwt_encode({}, 'k', 'none') }}", SigningFailed, "none would send an unsigned token", None),
        ("{{ 9 ** 9999 }}", TemplateLimitExceeded, "a number would have more than 4096 bits", None),
    ],
)  # fmt: skip
def test_errors(
    render: Render, source: str, error: type[SealgateError], detail: str, hint: str | None
) -> None:
    with pytest.raises(error) as raised:
        render(source, Field.QUERY)
    assert detail in raised.value.detail
    assert raised.value.hint == hint


def test_limits(make_context: Make) -> None:
    for source, limits in (
        ("{{ 'a' * 99 }}", Limits(text=50)),
        ("{% for i in range(9) %}{% endfor %}", Limits(steps=5)),
        ("a{{ 1 }}bcd", Limits(output=3)),
    ):
        with pytest.raises(TemplateLimitExceeded):
            compile_template(source, Field.QUERY, limits).render(make_context())


def test_constants(render: Render) -> None:
    assert compile_template("a {b}", Field.HEADER).constant == "a {b}"
    assert compile_template("{{ 'a' }}", Field.HEADER).constant is None
    assert render('{"a": 1}\n') == '{"a": 1}'


@pytest.mark.parametrize(
    ("source", "constant"),
    [
        ("plain", "plain"),
        ("a{# note #}b", "ab"),
        ("{# note #}\nb", "b"),
        ("a{{ 1 }}", None),
        ("{% if x %}{% endif %}", None),
    ],
)
def test_what_prints_the_same_in_every_run_is_known_before(source: str, constant: str | None) -> None:
    template = compile_template(source, Field.RESPONSE_BODY)
    assert template.constant == constant


@pytest.mark.parametrize("field", [Field.HEADER, Field.REQUEST_BODY])
@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("a\n{{ user.id }} {{ now }} {{ user.email }}", "cannot be printed: call it with ( ) (line 2: now)"),
        ("a {{ {'a': now} | tojson }}", "has no JSON form (line 1: {'a': now} | tojson)"),
        ("a {{ -now }}", "(line 1: -now)"),
        ("a {{- [1 / 0] -}} b", "(line 1: [1 / 0])"),
        (
            "a {{ now(1, 2) }}",
            "now() takes from 0 to 1 positional arguments but 2 were given (line 1: now(1, 2))",
        ),
    ],
)
def test_errors_name_the_expression_as_it_is_written(
    render: Render, field: Field, source: str, place: str
) -> None:
    with pytest.raises(RequestTemplateFailed) as caught:
        render(source, field=field)
    assert caught.value.detail.endswith(place)
    assert "<locals>" not in caught.value.detail


def test_the_empty_text_after_or_prints_nothing(render: Render) -> None:
    source = "{% set xs = [] %}{{ xs.append(1) or '' }}{\"n\": {{ xs | length }}}"
    assert render(source, Field.RESPONSE_BODY) == '{"n": 1}'
