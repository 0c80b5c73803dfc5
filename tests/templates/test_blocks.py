"""Values stay values on their way through macros, `{% set %}` blocks and long beginnings (design 9)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sealgate.caller import User
from sealgate.templates import Field

Render = Callable[..., str]

SET = '{% set block %}{"k": "{{ user.email }}"}{% endset %}'
MACRO = '{% macro object(v) %}{"k": "{{ v }}"}{% endmacro %}{% set block = object(user.email) %}'
AFTER_A_VALUE = (
    '{% set l = [] %}{% set block %}{{ l.append(1) }} {"k": "{{ user.email }}"} {{ l.append(1) }}{% endset %}'
)


VALUES = ['","admin":true,"x":"', "plain", 'O\'Brien "x"', "back\\slash", "a\nb", "{}", "é"]
AS_TEXT = [
    "block | trim",
    'block ~ ""',
    "block[:]",
    "block.strip()",
    "block | from_json",
    "block | from_json | tojson",
    "[block | trim] | first",
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    ("block", "use"),
    [
        (SET, "block"),
        (MACRO, "block"),
        *((block, use) for block in (SET, MACRO, AFTER_A_VALUE) for use in AS_TEXT),
    ],
)
def test_a_block_of_json_stays_one_object(render: Render, value: str, block: str, use: str) -> None:
    source = block + '{"a": {{ ' + use + " }}}"
    text = render(source, field=Field.REQUEST_BODY, user=User(email=value))
    assert json.loads(text) == {"a": {"k": value}}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{% set b %}[{{ user.first_name }}] hello{% endset %}{{ b | trim }}", "[Ada] hello"),
        ("{% set b %}{ {{ user.first_name }} }{% endset %}{{ b | trim }}", "{ Ada }"),
        ("{% set b %}say {{ user.first_name }}{% endset %}{{ b | upper }}", "SAY ADA"),
        ("{% set b %}[{{ user.first_name }}]{% endset %}{{ (b | from_json)[0] }}", "Ada"),
        ("{% set b %}{{ user.first_name }}{% endset %}{{ b | length }}", "3"),
        ("{% set b %}{% endset %}{{ b | trim }}", ""),
        ("{% set b %}[]{% endset %}{{ b | from_json | length }}", "0"),
    ],
)
def test_other_blocks_are_the_text_they_print(render: Render, source: str, text: str) -> None:
    assert render(source, field=Field.QUERY, user=User(first_name="Ada")) == text


@pytest.mark.parametrize("values", [0, 1, 1_000, 5_000])
def test_values_before_the_first_text_do_not_hide_the_dialect(render: Render, values: int) -> None:
    source = (
        "{% set l = [] %}{% for x in range(" + str(values) + ") %}{{ user.last_name }}{% endfor %}"
        '<a t="{{ user.email }}">{{ user.email }}</a>'
    )
    text = render(source, field=Field.REQUEST_BODY, user=User(email='"><b>'))
    assert text == '<a t="&#34;&gt;&lt;b&gt;">&#34;&gt;&lt;b&gt;</a>'
