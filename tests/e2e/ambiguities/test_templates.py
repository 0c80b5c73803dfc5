"""What templates do where the original's documentation is unclear. The numbers are those of
docs/compatibility.md, "Its ambiguities, one by one" (REFERENCE section 17)."""

import json

import pytest
from recipe import ADA, API, Arrives, Call, Recipe, Reply, headers

NOBODY = Call(status=401, errors={"code": "USER_REQUIRED"})
KEY = "a-signing-key-of-thirty-two-bytes-or-more"

# -- 9: which function is there in which field? ------------------------------------------------------

FUNCTIONS = {
    "get_secret": "get_secret('k')",
    "get_variable": "get_variable('v')",
    "jwt_encode": f"jwt_encode({{'sub': 'x'}}, '{KEY}')",
    "now": "now()",
}
FIELDS = {
    "url": lambda value: {"url": f"{API}/f/{value}"},
    "header": lambda value: {"headers": headers(X_F=value)},
    "query": lambda value: {"query_parameters": [{"key": "f", "value": value}]},
    "authentication": lambda value: {
        "authentication": {"type": "api_key", "config": {"key": "X-F", "value": value, "in": "header"}}
    },
    "request body": lambda value: {"method": "POST", "request_body": f'{{"f": "{value}"}}'},
    "response body": lambda value: {"response_body": f'{{"f": "{value}"}}'},
}
SENT = {
    "url": Call(arrives=(Arrives("GET /f/there"),)),
    "header": Call(arrives=(Arrives("GET /f", {"X-F": "there"}),)),
    "query": Call(arrives=(Arrives("GET /f?f=there"),)),
    "authentication": Call(arrives=(Arrives("GET /f", {"X-F": "there"}),)),
    "request body": Call(body="{}", arrives=(Arrives("POST /f", body='{"f": "there"}'),)),
    "response body": Call(arrives=(Arrives("GET /f"),), gets='{"f": "there"}'),
}
AVAILABLE = {
    "get_secret": ("header", "query", "authentication"),
    "get_variable": ("url", "header", "query", "authentication"),
    "jwt_encode": ("url", "header", "query", "authentication", "request body"),
    "now": tuple(FIELDS),
}


def cell(function, field):
    """One cell of the table: the function's value arrives, or the call fails and nothing leaves."""
    expected = SENT[field]
    if field not in AVAILABLE[function]:
        in_response = field == "response body"
        code = "RESPONSE_TEMPLATE_FAILED" if in_response else "REQUEST_TEMPLATE_FAILED"
        arrives = expected.arrives if in_response else ()
        expected = Call(body=expected.body, arrives=arrives, status=422, errors={"code": code})
    return Recipe(
        f"17.9 {function} in {field}",
        {"url": f"{API}/f", **FIELDS[field](f"{{{{ 'there' if {FUNCTIONS[function]} }}}}")},
        (expected,),
        secrets={"k": "the-value-of-a-secret"},
        variables={"v": "value"},
    )


# -- 24: when is an anonymous caller refused? --------------------------------------------------------

READS_THE_USER = {
    "without a space": {"headers": headers(X_Id="{{user.id}}")},
    "in a condition": {"query_parameters": [{"key": "a", "value": "{% if user.id %}1{% endif %}"}]},
    "in the URL": {"url": f"{API}/{{{{ user.id }}}}"},
    "in authentication": {
        "authentication": {"type": "api_key", "config": {"key": "X-Who", "value": "{{ user.id }}"}}
    },
    "in the request body": {"method": "POST", "request_body": "{{ user.id }}"},
}


def reshaped(title, template, reply, gets, **more):
    call = Call(api=(reply,), arrives=(Arrives("GET /r"),), gets=gets)
    return Recipe(title, {"url": f"{API}/r", "response_body": template}, (call,), **more)


RECIPES = [
    reshaped(
        "17.4 default catches None, and None prints nothing",
        '{"hello": "{{ user.first_name | default(\'guest\') }}", "name": "{{ user.first_name }}"}',
        Reply("{}"),
        '{"hello": "guest", "name": ""}',
    ),
    Recipe(
        "17.4 default catches a body that is not there",
        {"url": f"{API}/r", "method": "POST", "request_body": '{"b": "{{ body_text | default(\'none\') }}"}'},
        (Call(arrives=(Arrives("POST /r", body='{"b": "none"}'),)),),
    ),
    reshaped(
        "17.5 what is missing prints nothing at any depth",
        '{% set d = response.body | from_json %}{"a": "{{ d.a.b[0].c }}", "b": "{{ d.list[0].id }}"}',
        Reply('{"list": []}'),
        '{"a": "", "b": ""}',
    ),
    Recipe(
        "17.5 what is no JSON fails",
        {"url": f"{API}/r", "response_body": "{{ response.body | from_json }}"},
        (
            Call(
                api=(Reply("nonsense"),),
                arrives=(Arrives("GET /r"),),
                status=422,
                errors={"code": "RESPONSE_TEMPLATE_FAILED"},
            ),
        ),
    ),
    *(
        Recipe(
            f"17.6 unknown {kind}{' filtered' if filter_ else ''}",
            {"url": f"{API}/r", "headers": headers(X_A=f"a {{{{ get_{kind}('absent'){filter_} }}}}")},
            (Call(status=422, errors={"code": f"{kind.upper()}_NOT_FOUND"}),),
            warns={"headers.0.value": "absent"},
        )
        for kind in ("secret", "variable")
        for filter_ in ("", " | base64_encode")
    ),
    Recipe(
        "17.7 a body inside a JSON string",
        {"url": f"{API}/r", "method": "POST", "request_body": '{"original_payload": "{{ body_text }}"}'},
        (
            Call(
                body='{"a":1}',
                arrives=(Arrives("POST /r", body=json.dumps({"original_payload": '{"a":1}'})),),
            ),
        ),
    ),
    reshaped(
        "17.7 an apostrophe in JSON",
        '{"name": "{{ (response.body | from_json).name }}"}',
        Reply('{"name": "O\'Brien & <Sons>"}'),
        '{"name": "O\'Brien & <Sons>"}',
    ),
    reshaped(
        "17.7 the same in HTML",
        "<b>{{ (response.body | from_json).name }}</b>",
        Reply('{"name": "O\'Brien & <Sons>"}'),
        "<b>O&#39;Brien &amp; &lt;Sons&gt;</b>",
    ),
    reshaped(
        "17.8 tojson and json_encode",
        "{% set d = response.body | from_json %}[{{ d | tojson }}, {{ d | json_encode }}]",
        Reply("\"<a href='?x&y'>\""),
        "[\"\\u003ca href=\\u0027?x\\u0026y\\u0027\\u003e\", \"<a href='?x&y'>\"]",
    ),
    *(cell(function, field) for function in FUNCTIONS for field in FIELDS),
    *(
        Recipe(f"17.24 user {where}", {"url": f"{API}/r", **more}, (NOBODY,))
        for where, more in READS_THE_USER.items()
    ),
    reshaped(
        "17.24 the response template may read a user that is nobody",
        '{"id": {{ user.id | tojson }}}',
        Reply("{}"),
        '{"id": null}',
    ),
    Recipe(
        "17.27 user.name is user.username now",
        {"url": f"{API}/r", "headers": headers(X_Old="<{{ user.name }}>", X_New="{{ user.username }}")},
        (
            Call(
                user={**ADA, "preferred_username": "ada"},
                arrives=(Arrives("GET /r", {"X-Old": "<>", "X-New": "ada"}),),
            ),
        ),
    ),
    *(
        Recipe(
            f"17.28 {how}",
            {"url": f"{API}/r", "headers": headers(X_K=f"{{{{ {written} }}}}")},
            (Call(arrives=(Arrives("GET /r", {"X-K": "the-value-of-a-secret"}),)),),
            secrets={"k": "the-value-of-a-secret"},
        )
        for how, written in (
            ("single quotes", "get_secret('k')"),
            ("double quotes", 'get_secret("k")'),
            ("spaces", "get_secret( 'k' )"),
        )
    ),
    Recipe(
        "17.28 the same in a host",
        {"url": '{{get_variable( "origin" )}}/r'},
        (Call(arrives=(Arrives("GET /r"),)),),
        variables={"origin": API},
    ),
    Recipe(
        "17.30 there are no queryParams",
        {"url": f"{API}/p?id={{{{ queryParams.product_id }}}}"},
        (Call(query="product_id=7", arrives=(Arrives("GET /p?id=&product_id=7"),)),),
        warns={"url": "queryParams"},
    ),
    reshaped(
        "17.34 json_encode is written as it is",
        '{{ {"a": ["<b>", "it\'s"]} | json_encode }}',
        Reply("{}"),
        '{"a": ["<b>", "it\'s"]}',
    ),
    Recipe(
        "17.34 json_encode in a request body",
        {"url": f"{API}/r", "method": "POST", "request_body": '{{ body_text | from_json | json_encode }}'},
        (Call(body='{"q":"\\"&"}', arrives=(Arrives("POST /r", body='{"q": "\\"&"}'),)),),
    ),
]  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_templates(stage, recipe):
    stage.run(recipe)


def test_17_27_a_trial_warns_of_user_name(gateway, api):
    document = {"name": "Old", "url": f"{api.origin}/r", "headers": headers(X_Old="<{{ user.name }}>")}
    (warning,) = gateway.test(connector=document, request={"user": ADA}).json["explain"]["warnings"]
    assert (warning["path"], warning["expression"]) == ("headers.0.value", "user.name")
