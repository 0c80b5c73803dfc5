# ruff: noqa: E501 (tables of templates)
"""R14 to R22, R26 and R28 of the recipes (REFERENCE section 16): bodies reshaped on both ways."""

import json

import pytest
from recipe import API, LOGIN, Arrives, Call, Recipe, Reply, secret

from sealgate.testing.api import every_byte

JSON_ROW = [{"key": "Content-Type", "value": "application/json"}]
ITEMS = Reply(json.dumps({
    "items": [
        {"sys": {"id": "n1"}, "fields": {"title": "Alpha", "imageId": "a9"}},
        {"sys": {"id": "n2"}, "fields": {"title": "Beta", "imageId": "zz"}},
    ],
    "includes": {"Asset": [{"id": "a9", "url": "https://img.example/a9.png"}]},
}))  # fmt: skip
CITIES = Reply(
    json.dumps([{"name": {"common": n}, "population": p} for n, p in zip("ABC", (1, 9, 5), strict=True)])
)
COLLECT = """\
{% set d = response.body | from_json %}
{% set ns = namespace(rows=[]) %}
{% for e in d['items'] %}
BODY
{% endfor %}
{{ ns.rows | json_encode }}"""


def collect(body):
    """A template that walks through the items and prints what `body` put into `ns.rows`."""
    return COLLECT.replace("BODY", body)


def reshaped(title, template, *calls):
    """A recipe in which a GET's answer goes through a template."""
    return Recipe(title, {"url": f"{API}/r", "response_body": template}, calls)


def answer(reply, gets, **more):
    return Call(api=(reply,), arrives=(Arrives("GET /r"),), gets=gets, **more)


RECIPES = [
    Recipe(
        "R14 request reshape",
        {
            "url": f"{API}/orders",
            "method": "POST",
            "headers": JSON_ROW,
            "request_body": '{"tenant":"{{ tenant_id }}","order_id":"{{ (body_text | from_json).order.id }}",'
            '"order_total":{{ (body_text | from_json).order.total }}}',
        },
        (
            Call(
                body='{"order":{"id":"A7","total":12.5}}',
                arrives=(
                    Arrives(
                        "POST /orders",
                        {"Content-Type": "application/json"},
                        '{"tenant":"t1","order_id":"A7","order_total":12.5}',
                    ),
                ),
            ),
        ),
        tenant_id="t1",
    ),
    Recipe(
        "R15 an order is never cached",
        {
            "url": f"{API}/orders",
            "method": "POST",
            "request_body": '{"item": "{{ (body_text | from_json).item_id }}", "quantity": 1}',
        },
        tuple(
            Call(
                body='{"item_id":"x"}',
                api=(Reply(f'{{"order": {n}}}', headers={"Cache-Control": "public, max-age=60"}),),
                arrives=(Arrives("POST /orders", body='{"item": "x", "quantity": 1}'),),
                gets=f'{{"order": {n}}}',
            )
            for n in (1, 2)
        ),
    ),
    reshaped(
        "R16 extract fields",
        '{% set d = response.body | from_json %}{"id": {{ d.id }}, "name": "{{ d.name }}"}',
        answer(Reply('{"id":1,"name":"N","extra":2}'), '{"id": 1, "name": "N"}'),
    ),
    Recipe(
        "R16 content type of an XML answer",
        {
            "url": f"{API}/r",
            "response_body": '{"status": {{ response.status_code }}}',
            "response_content_type": "application/json",
        },
        (answer(Reply("<a/>", content_type="text/xml"), '{"status": 200}', gets_headers={"Content-Type": "application/json"}),),
    ),
    reshaped(
        "R17 reshape a list",
        collect(
            """{% set ns.rows = ns.rows + [{"id": e['sys']['id'], "title": e['fields']['title']}] %}"""
        ),
        answer(ITEMS, '[{"id": "n1", "title": "Alpha"}, {"id": "n2", "title": "Beta"}]'),
    ),
    reshaped(
        "R18 join linked assets",
        collect(
            "{% set hit = d['includes']['Asset'] | selectattr('id', 'equalto', e['fields']['imageId']) | list %}"
            "{% set ns.rows = ns.rows + [{'id': e['sys']['id'], 'imageUrl': hit[0]['url'] if hit else ''}] %}"
        ),
        answer(
            ITEMS, '[{"id": "n1", "imageUrl": "https://img.example/a9.png"}, {"id": "n2", "imageUrl": ""}]'
        ),
    ),
    reshaped(
        "R19 filter a list",
        collect(
            "{% if e['published'] %}{% set ns.rows = ns.rows + [{'id': e['id']}] %}{% endif %}"
        ),
        answer(Reply('{"items":[{"id":"p","published":true},{"id":"q","published":false}]}'), '[{"id": "p"}]'),
        answer(Reply('{"items":[{"id":"q","published":false}]}'), "[]"),
    ),
    reshaped(
        "R20 loop scope",
        "{% set xs = [] %}{% for r in response.body | from_json %}{% set xs = xs + [r] %}{% endfor %}"
        "{{ xs | json_encode }}",
        answer(Reply("[1, 2]"), "[]"),
    ),
    Recipe(
        "R21 hidden groups",
        {
            "url": f"{API}/protected/v2",
            "query_parameters": [{"key": "module[]", "value": "groups"}],
            "authentication": {
                "type": "oauth_client_credentials",
                "config": {
                    "client_id": secret("groups_id"),
                    "client_secret": secret("groups_secret"),
                    "token_url": f"{LOGIN}/oauth/token",
                },
            },
            "response_body": """\
{% if response.status_code == 200 %}
{% set d = response.body | from_json %}
{% set ns = namespace(first=true) %}
[{% for g in d.groups if g.is_public %}{{ ', ' if not ns.first }}{% set ns.first = false %}\
{{ g.name | tojson }}{% endfor %}]
{% else %}
{ "error": true, "status": {{ response.status_code }} }
{% endif %}""",
        },
        (
            Call(
                api=(
                    Reply('{"groups": [{"is_public": true, "name": "A & B"}, {"is_public": false, "name": '
                          '"C"}, {"is_public": true, "name": "D"}]}'),
                ),
                arrives=(Arrives("GET /protected/v2?module[]=groups"),),
                gets='["A \\u0026 B", "D"]\n',
            ),
            Call(
                api=(Reply("Not here", status=404, content_type="text/plain"),),
                arrives=(Arrives("GET /protected/v2?module[]=groups"),),
                status=404,
                gets='{ "error": true, "status": 404 }\n',
            ),
        ),
        secrets={"groups_id": "groups-client-id", "groups_secret": "groups-client-secret-0001"},
        clients={"groups-client-id": "groups-client-secret-0001"},
    ),
    reshaped(
        "R22 an error page without a guard",
        "{{ (response.body | from_json).a }}",
        Call(
            api=(Reply("<html>", status=503, content_type="text/html"),),
            arrives=(Arrives("GET /r"),),
            status=422,
            errors={
                "code": "RESPONSE_TEMPLATE_FAILED",
                "scope": "Configuration (response template rendering)",
            },
        ),
    ),
    reshaped(
        "R26 the two largest",
        "{% set c = response.body | from_json | sort(attribute='population', reverse=true) %}[{% for x in c[:2] %}"
        "{{ {'name': x.name.common, 'population': x.population} | tojson }}{% if not loop.last %}, {% endif %}"
        "{% endfor %}]",
        answer(CITIES, '[{"name": "B", "population": 9}, {"name": "C", "population": 5}]'),
    ),
    Recipe(
        "R28 bytes pass through",
        {"url": f"{API}/bytes/1000"},
        (
            Call(
                arrives=(Arrives("GET /bytes/1000"),),
                gets=every_byte(1000),
                gets_headers={"Content-Type": "application/octet-stream"},
            ),
        ),
    ),
    reshaped(
        "R28 bytes are None to a template",
        '{"none": {{ response.body is none }}, "body": {{ response.body | default("nothing") | tojson }}}',
        answer(Reply(every_byte(256)), '{"none": true, "body": "nothing"}'),
    ),
]  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_recipe(stage, recipe):
    stage.run(recipe)
