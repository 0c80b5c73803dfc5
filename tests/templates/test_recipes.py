# ruff: noqa: E501 (tables of templates)
"""Template parts of REFERENCE section 16, and the shapes of section 18."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sealgate.errors import ResponseTemplateFailed
from sealgate.templates import Field, compile_template

Render = Callable[..., str]
ITEMS = json.dumps({"items": [{"sys": {"id": "n1"}, "fields": {"title": "Alpha", "imageId": "a9"}, "published": True},
                              {"sys": {"id": "n2"}, "fields": {"title": "Beta", "imageId": "zz"}, "published": False}],
                    "includes": {"Asset": [{"id": "a9", "url": "https://img.example/a9.png"}]}})  # fmt: skip
LOOP = "{% set d = response.body | from_json %}{% set ns = namespace(rows=[]) %}{% for e in d['items'] %}"
GROUPS = (
    "{% if response.status_code == 200 %}{% set d = response.body | from_json %}[{% set first = namespace(v=true) %}"
    "{% for g in d.groups if g.is_public %}{{ ', ' if not first.v }}{% set first.v = false %}{{ g.name | tojson }}"
    "{% endfor %}]{% else %}{ \"error\": true, \"status\": {{ response.status_code }} }{% endif %}"
)  # fmt: skip


@pytest.mark.parametrize(
    ("source", "body", "text"),
    [
        pytest.param('{"tenant":"{{ tenant_id }}","order_id":"{{ (body_text | from_json).order.id }}","order_total":'
                     "{{ (body_text | from_json).order.total }}}", '{"order":{"id":"A7","total":12.5}}',
                     '{"tenant":"t1","order_id":"A7","order_total":12.5}', id="R14"),
        pytest.param('{"item": "{{ (body_text | from_json).item_id }}", "quantity": 1}', '{"item_id":"x"}',
                     '{"item": "x", "quantity": 1}', id="R15"),
        pytest.param('{% set body = body_text | from_json %}{"FirstName": "{{ body.firstName }}", "t": {{ body.t | tojson }},'
                     ' "n": {{ body.n }}}', '{"firstName": "O\'Brien \\"x\\"", "t": "a", "n": 3}',
                     '{"FirstName": "O\'Brien \\"x\\"", "t": "a", "n": 3}', id="in strings"),
        pytest.param("{{ body_text }}", '{"a": 1}', '{"a": 1}', id="the body itself"),
        pytest.param('{% set p = body_text | from_json %}{"p": "{{ p.get(\'priority\', \'3\') }}"}', "{}", '{"p": "3"}', id="get"),
        pytest.param('{% set m = {"1": "New"} %}{% set i = body_text | from_json %}'
                     '{"s": "{{ m[i[\'state\']] if i[\'state\'] in m else \'Unknown\' }}"}', '{"state": "2"}', '{"s": "Unknown"}', id="map"),
    ],
)  # fmt: skip
def test_requests(render: Render, source: str, body: str, text: str) -> None:
    assert render(source, Field.REQUEST_BODY, body=body.encode()) == text


@pytest.mark.parametrize(
    ("source", "body", "text"),
    [
        pytest.param('{% set d = response.body | from_json %}{"id": {{ d.id }}, "name": "{{ d.name }}"}',
                     '{"id":1,"name":"N","extra":2}', '{"id": 1, "name": "N"}', id="R16"),
        pytest.param(LOOP + "{% set ns.rows = ns.rows + [{\"id\": e['sys']['id'], \"title\": e['fields']['title']}] %}"
                     "{% endfor %}{{ ns.rows | json_encode }}", ITEMS,
                     '[{"id": "n1", "title": "Alpha"}, {"id": "n2", "title": "Beta"}]', id="R17"),
        pytest.param(LOOP + "{% set hit = d['includes']['Asset'] | selectattr('id', 'equalto', e['fields']['imageId']) | list %}"
                     "{% set ns.rows = ns.rows + [{'id': e.sys.id, 'imageUrl': hit[0]['url'] if hit else ''}] %}"
                     "{% endfor %}{{ ns.rows | json_encode }}", ITEMS,
                     '[{"id": "n1", "imageUrl": "https://img.example/a9.png"}, {"id": "n2", "imageUrl": ""}]', id="R18"),
        pytest.param(LOOP + "{% if e['published'] %}{% set ns.rows = ns.rows + [{'id': e.sys.id}] %}{% endif %}"
                     "{% endfor %}{{ ns.rows | json_encode }}", ITEMS, '[{"id": "n1"}]', id="R19"),
        pytest.param("{% set xs = [] %}{% for r in [1, 2] %}{% set xs = xs + [r] %}{% endfor %}{{ xs | json_encode }}", "", "[]", id="R20"),
        pytest.param(GROUPS, '{"groups": [{"is_public": true, "name": "A & B"}, {"is_public": false, "name": "C"}, '
                     '{"is_public": true, "name": "D"}]}', '["A \\u0026 B", "D"]', id="R21"),
        pytest.param("{% set c = response.body | from_json | sort(attribute='population', reverse=true) %}[{% for x in c[:2] %}"
                     "{{ {'name': x.name.common, 'population': x.population} | tojson }}{% if not loop.last %}, {% endif %}{% endfor %}]",
                     json.dumps([{"name": {"common": n}, "population": p} for n, p in (("A", 1), ("B", 9), ("C", 5))]),
                     '[{"name": "B", "population": 9}, {"name": "C", "population": 5}]', id="R26"),
        pytest.param("{% set d = response.body | from_json %}{% set items = [] %}{% for e in d.items %}"
                     "{% set _ = items.append({'t': e.fields.title.split('p')[0]}) %}{% endfor %}{{ items | tojson }}", ITEMS,
                     '[{"t": "Al"}, {"t": "Beta"}]', id="mutation, and a key that is a method's name"),
        pytest.param("{% if response.status_code >= 400 %}{{ response.body }}{% else %}{}{% endif %}", "[1]", "{}", id="branch"),
    ],
)  # fmt: skip
def test_responses(render: Render, source: str, body: str, text: str) -> None:
    assert render(source, response_body=body) == text


def test_hidden_groups_report_the_status_of_an_error(render: Render) -> None:
    assert render(GROUPS, response_body="", status=404) == '{ "error": true, "status": 404 }'


def test_an_error_page_without_a_guard_fails(render: Render) -> None:
    """R22."""
    with pytest.raises(ResponseTemplateFailed) as raised:
        render("{{ (response.body | from_json).id }}", response_body="<html>", status=503)
    assert raised.value.scope == "Configuration (response template rendering)"
    assert "not valid JSON" in raised.value.detail


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("SELECT Id FROM Contact WHERE Email = '{{ user.email }}'", "SELECT Id FROM Contact WHERE Email = 'ada@example.com'"),
        ("descriptionLIKE[{{ user.username | default('unknown') }}]^ORDERBY", "descriptionLIKE[unknown]^ORDERBY"),
        ("{{ user.profile_fields.by_id(42) }}", "Platform"),
        ("Bearer {{ get_secret('api_key') }}", "Bearer hunter2-secret"),
        ("https://{{ get_variable('host') | default('a.example', true) }}/{{ get_variable('blank') | default('b', true) }}", "https://a.example/b"),
    ],
)  # fmt: skip
def test_queries(render: Render, source: str, text: str) -> None:
    assert render(source, Field.QUERY) == text


def test_nothing_that_is_handed_in_can_be_changed(make_context: Any, render: Render) -> None:
    context = make_context(response_body="{}", headers={"a": "b"})
    template = compile_template(
        "{% set _ = response.headers.update({'x': 1}) %}{% set _ = user.profile_fields.by_id(7).append('b') %}"
        "{% set _ = user.profile_fields.values.clear() %}{{ response.headers | length }}", Field.RESPONSE_BODY,
    )  # fmt: skip
    assert template.render(context) == "2"
    assert context.response.headers == {"a": "b"}
    assert context.user.profile_fields.values == {"42": "Platform", "7": ["a"]}
