# ruff: noqa: E501 (tables of templates)
"""Plain look-ups read without the engine give what the engine gives: the text, the errors, the records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sealgate.caller import ANONYMOUS
from sealgate.errors import SealgateError
from sealgate.secret import reveal
from sealgate.templates import Context, Field, compile_template

Make = Callable[..., Context]

LOOK_UPS = [
    "{{ user.id }}", "{{ user.email }}", "{{user.first_name}} {{ user.last_name }}", "{{ user.username }}",
    "{{ user.profile_fields.by_id(42) }}", "{{ user.profile_fields.by_id(7) }}", "{{ tenant_id }}",
    "{{ get_secret('api_key') }}", "Bearer {{ get_secret('api_key') }}", "{{ get_secret('nope') }}",
    "{{ key_id('api_key') }}", "{{ key_id('other') }}", "{{ key_id('nope') }}",
    "{{ get_variable('region') }}", "{{ get_variable('nope') }}", "{{ now() }}", "{{ now(60) }}", "{{ now(-60) }}",
    "{{ pathParams.p }}", "{{ pathParams.nope }}", '{"a": "{{ user.email }}", "n": {{ now() }}}', "<a>{{ user.email }}</a>",
    "a\n{{ user.email }}\n", "{# c #}{{ user.email }}", "/x/{{ user.email }}?q={{ tenant_id }}", "%{{ tenant_id }}",
]  # fmt: skip
NO_LOOK_UPS = [
    "{{ user.email | upper }}", "{{ user }}", "{{ user.nope }}", "{{ now(1.5) }}", "{{ get_secret(user.id) }}",
    "{% if user.id %}x{% endif %}", "{{ user['email'] }}", "{{ now(offset=1) }}", "{{ 1 }}", "{{ now(10 ** 20) }}",
]  # fmt: skip


def outcome(template, context: Context) -> tuple[object, ...]:
    try:
        text = template.render(context)
        said = (type(text).__name__, reveal(text))
    except SealgateError as error:
        said = (type(error).__name__, error.detail)
    return (*said, sorted(context.used_secrets), context.missing)


@pytest.mark.parametrize("user", [None, ANONYMOUS], ids=["signed in", "anonymous"])
@pytest.mark.parametrize("field", list(Field), ids=lambda field: field.name)
@pytest.mark.parametrize("source", LOOK_UPS)
def test_the_same_as_the_engine(make_context: Make, source: str, field: Field, user: object) -> None:
    members = {"path_params": {"p": "z"}} | ({"user": user} if user else {})
    template = compile_template(source, field)
    expected = outcome(replace(template, _direct=None), make_context(**members))
    assert outcome(template, make_context(**members)) == expected


@pytest.mark.parametrize("source", LOOK_UPS)
def test_these_are_plain_look_ups(source: str) -> None:
    fields = [field for field in Field if compile_template(source, field)._direct is not None]
    assert fields


@pytest.mark.parametrize("source", NO_LOOK_UPS)
def test_these_are_more(source: str) -> None:
    assert compile_template(source, Field.AUTHENTICATION)._direct is None


@pytest.mark.parametrize(
    ("source", "fixed"),
    [
        ("{{ get_secret('api_key') }}", True),
        ("Bearer {{ get_secret('api_key') | upper }}", True),
        ("{{ get_variable('region') | default('eu') }}{{ tenant_id }}", True),
        ("{% for i in range(3) %}{{ i }}{% endfor %}", True),
        ("{{ ['a', 'b'] | map('upper') | join }}{{ [{'a': 1}] | map(attribute='a') | join }}", True),
        ("{{ range(10 ** 5) | random }}", False),
        ("{{ [[1, 2]] | map('random') | join }}", False),
        ("{% set name = 'ran' ~ 'dom' %}{{ [[1, 2]] | map(name) | join }}", False),
        ("{{ user.id }}", False),
        ("{{ now() }}", False),
        ("{{ get_secret(get_variable('region')) }}", False),
    ],
)
def test_what_is_printed_once_for_all_runs(source: str, fixed: bool) -> None:
    assert compile_template(source, Field.HEADER)._fixed is fixed


def test_chance_is_asked_in_each_run(make_context: Make) -> None:
    template = compile_template("{{ range(10 ** 5) | random }}", Field.HEADER)
    shared = make_context()
    assert len({template.render(replace(shared, missing=[])) for _ in range(20)}) > 1
