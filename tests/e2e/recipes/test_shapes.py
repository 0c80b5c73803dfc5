# ruff: noqa: E501 (tables of templates)
"""The shapes that real registry files have, and the mistakes (REFERENCE section 18)."""

import json

import pytest
from recipe import ADA, API, Arrives, Call, Recipe, Reply, headers, secret

BASIC = "dXNlcjpwYXNzd29yZC1vZi1hLXNoYXBl"


def reshaped(title, template, *calls):
    return Recipe(title, {"url": f"{API}/r", "response_body": template}, calls)


def answer(body, gets, status=200):
    return Call(api=(Reply(body, status),), arrives=(Arrives("GET /r"),), status=status, gets=gets)


def rewritten(title, template, body, sent):
    return Recipe(
        title,
        {"url": f"{API}/r", "method": "POST", "request_body": template},
        (Call(body=body, arrives=(Arrives("POST /r", body=sent),)),),
    )


def row(key, value, **more):
    return {"key": key, "value": value, **more}


RECIPES = [
    Recipe(
        "raw brackets in the URL's query",
        {
            "url": f"{API}/ideas?filter[category.id][]={{{{ pathParams.categoryId }}}}&filter[user.id][]={{{{ user.id }}}}"
            "&include[]=user&limit=50",
            "path_parameters": [{"key": "categoryId"}],
        },
        (
            Call(
                user=ADA,
                path_params={"categoryId": 7},
                arrives=(
                    Arrives("GET /ideas?filter[category.id][]=7&filter[user.id][]=123&include[]=user&limit=50"),
                ),
            ),
        ),
    ),
    Recipe(
        "a templated path and an author",
        {"url": f"{API}/t/{{{{ tenant_id }}}}/posts?authorId={{{{ user.id }}}}"},
        (Call(user=ADA, arrives=(Arrives("GET /t/test_shapes/posts?authorId=123"),)),),
    ),
    Recipe(
        "a credential in a header row",
        {"url": f"{API}/r", "headers": headers(Authorization=f"Basic {secret('basic')}")},
        (Call(arrives=(Arrives("GET /r", {"Authorization": f"Basic {BASIC}"}),)),),
        secrets={"basic": BASIC},
    ),
    Recipe(
        "the same secret twice",
        {
            "url": f"{API}/r",
            "headers": headers(apikey=secret("both"), Authorization=f"Bearer {secret('both')}"),
        },
        (
            Call(
                headers={"Authorization-Of-Mine": "x", "apikey": "mine"},
                arrives=(
                    Arrives("GET /r", {"apikey": "sent-twice-0001", "Authorization": "Bearer sent-twice-0001"}),
                ),
            ),
        ),
        secrets={"both": "sent-twice-0001"},
    ),
    Recipe(
        "SOQL in a row",
        {
            "url": f"{API}/query",
            "query_parameters": [row("q", "SELECT Id FROM Contact WHERE Email = '{{ user.email }}'")],
        },
        (
            Call(
                user=ADA,
                arrives=(
                    Arrives(
                        "GET /query?q=SELECT%20Id%20FROM%20Contact%20WHERE%20Email%20%3D%20%27ada@example.com%27"
                    ),
                ),
            ),
        ),
    ),
    Recipe(
        "ServiceNow's query in a row",
        {
            "url": f"{API}/table",
            "query_parameters": [
                row("sysparm_query", "descriptionLIKE[{{ user.email | default('unknown') }}]^ORDERBYDESCopened_at")
            ],
        },
        (
            Call(
                user={"sub": "1"},
                arrives=(
                    Arrives("GET /table?sysparm_query=descriptionLIKE%5Bunknown%5D%5EORDERBYDESCopened_at"),
                ),
            ),
        ),
    ),
    Recipe(
        "overridable rows with nothing or a space",
        {
            "url": f"{API}/r",
            "query_parameters": [row("search", "", overridable=True), row("page", " ", overridable=True)],
        },
        (
            Call(arrives=(Arrives("GET /r?search=&page=%20"),)),
            Call(query="search=a&page=2", arrives=(Arrives("GET /r?search=a&page=2"),)),
        ),
    ),
    Recipe(
        "delimiters in a value",
        {"url": f"{API}/all", "query_parameters": [row("fields", "name,capital,flags"), row("or", "a|b;c")]},
        (Call(arrives=(Arrives("GET /all?fields=name,capital,flags&or=a%7Cb%3Bc"),)),),
    ),
    rewritten(
        "values in strings, as JSON and bare",
        '{% set body = body_text | from_json %}{"FirstName": "{{ body.firstName }}", "title": {{ body.title | tojson }}, "categoryId": {{ body.categoryId }}}',
        '{"firstName": "O\'Brien \\"B\\"", "title": "T", "categoryId": 3}',
        '{"FirstName": "O\'Brien \\"B\\"", "title": "T", "categoryId": 3}',
    ),
    rewritten(
        "the payload again",
        "{% set payload = body_text | from_json %}{{ payload | tojson }}",
        '{"a": [1, null, true]}',
        '{"a": [1, null, true]}',
    ),
    rewritten("the body itself", "{{ body_text }}", '{"a": "O\'Brien"}', '{"a": "O\'Brien"}'),
    rewritten(
        "get with a default, and a map",
        '{% set data = body_text | from_json %}{% set state_map = {"1": "New"} %}'
        '{"priority": "{{ data.get(\'priority\', \'3\') }}", '
        "\"state\": \"{{ state_map[data['state']] if data['state'] in state_map else 'Unknown' }}\"}",
        '{"state": "2"}',
        '{"priority": "3", "state": "Unknown"}',
    ),
    reshaped(
        "branch on the status and print the body",
        "{% if response.status_code >= 400 %}{{ response.body }}{% else %}"
        '{"count": {{ response.body | from_json | length }}}{% endif %}',
        answer("[1, 2]", '{"count": 2}'),
        answer('{"error": "O\'Brien is \\"out\\""}', '{"error": "O\'Brien is \\"out\\""}', status=404),
        answer("<h1>It's down</h1>", json.dumps("<h1>It's down</h1>"), status=503),
    ),
    reshaped(
        "a list by mutation, and data.items",
        "{% set data = response.body | from_json %}{% set items = [] %}"
        "{% for e in data.items %}{% set _ = items.append({'title': e.title.split('-')[0], 'name': e.name.common, 'capital': e.capital[0]}) %}{% endfor %}"
        '{"total": {{ data.items | length }}, "items": {{ (items | sort(attribute=\'name\', reverse=true))[:10] | tojson }}}',
        answer(
            json.dumps({"items": [{"title": "a-1", "name": {"common": "A"}, "capital": []},
                                  {"title": "b-1", "name": {"common": "B"}, "capital": ["Bx"]}]}),
            '{"total": 2, "items": [{"title": "b", "name": "B", "capital": "Bx"}, {"title": "a", "name": "A", "capital": null}]}',
        ),
    ),
    # -- mistakes --------------------------------------------------------------------------------------
    Recipe(
        "API key fields beside the type",
        {
            "url": f"{API}/r",
            "authentication": {"type": "api_key", "key": "X-Key", "value": secret("both"), "in": "header"},
        },
        refused={"authentication": "`config`"},
    ),
    Recipe(
        "a secret as the URL's origin",
        {"url": f"{secret('both')}/r"},
        refused={"url": "get_secret('both')"},
    ),
    Recipe(
        "pathParams for path_parameters",
        {"url": f"{API}/{{{{ pathParams.x }}}}", "pathParams": [{"key": "x"}]},
        (Call(path_params={"x": 1}, status=400, errors={"code": "CONNECTOR_MISCONFIGURED"}),),
        warns={"pathParams": "path_parameters"},
    ),
    Recipe(
        "braces for a path parameter",
        {"url": f"{API}/table/{{sysId}}"},
        (Call(path_params={"sysId": 1}, status=422, errors={"code": "URL_INVALID"}),),
        warns={"url": "sysId"},
    ),
    Recipe(
        "the body in the URL",
        {"url": f"{API}/r?b={{{{ body_text }}}}", "method": "POST"},
        (Call(body="{}", arrives=(Arrives("POST /r?b=", body="{}"),)),),
        warns={"url": "body_text"},
    ),
    Recipe(
        "a filter called as a function",
        {
            "url": f"{API}/r",
            "method": "POST",
            "request_body": "{% set payload = body_text | from_json %}{{ json_encode(payload) }}",
        },
        (Call(body="{}", status=422, errors={"code": "REQUEST_TEMPLATE_FAILED"}),),
        warns={"request_body": "json_encode"},
    ),
]  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_shape(stage, recipe):
    stage.run(recipe)
