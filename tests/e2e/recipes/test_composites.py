# ruff: noqa: E501 (tables of templates)
"""R23 to R25 of the recipes (REFERENCE section 16): one call, several requests."""

import pytest
from recipe import ADA, API, LOGIN, Arrives, Call, Recipe, Reply, secret

CONTACT = Reply('{"id": "c1"}')
ORDERS = Reply('[{"order": "A7"}]')
SIGN_IN = {
    "type": "oauth_client_credentials",
    "config": {
        "client_id": secret("crm_id"),
        "client_secret": secret("crm_secret"),
        "token_url": f"{LOGIN}/oauth/token",
    },
}


def lookup(contact_id, **contact):
    return {
        "steps": [
            {
                "name": "contact",
                "url": f"{API}/protected/contacts",
                "query_parameters": [{"key": "email", "value": "{{ user.email }}"}],
                "authentication": SIGN_IN,
                **contact,
            },
            {
                "name": "orders",
                "url": f"{API}/protected/orders",
                "query_parameters": [{"key": "contact_id", "value": contact_id}],
                "authentication": SIGN_IN,
            },
        ]
    }


LOOKED_UP = Call(
    user=ADA,
    api=(CONTACT, ORDERS),
    arrives=(
        Arrives("GET /protected/contacts?email=ada@example.com"),
        Arrives("GET /protected/orders?contact_id=c1"),
    ),
    gets='[{"order": "A7"}]',
)


RECIPES = [
    Recipe(
        "R23 look-up",
        lookup("{{ (steps.contact.body | from_json).id }}"),
        (LOOKED_UP,),
        secrets={"crm_id": "crm-client-id", "crm_secret": "crm-client-secret-0001"},
        clients={"crm-client-id": "crm-client-secret-0001"},
        token_requests=1,
    ),
    Recipe(
        "R23 look-up with a response template",
        lookup("{{ steps.contact.body }}", response_body="{{ (response.body | from_json).id }}"),
        (LOOKED_UP,),
        secrets={"crm_id": "crm-client-id", "crm_secret": "crm-client-secret-0001"},
        clients={"crm-client-id": "crm-client-secret-0001"},
        token_requests=1,
        tenant_id="composites-again",
    ),
    Recipe(
        "R24 inputs",
        {
            "steps": [
                {
                    "name": "activity",
                    "url": f"{API}/activity",
                    "query_parameters": [
                        {
                            "key": "userId",
                            "value": "{{ (request.body_text | from_json).userId if request.body_text else '' }}",
                        },
                        {"key": "region", "value": "{{ request.query_parameters.region }}"},
                    ],
                }
            ]
        },
        (
            Call(
                body='{"userId":"usr_123"}',
                query="region=eu",
                arrives=(Arrives("GET /activity?userId=usr_123&region=eu"),),
            ),
            Call(query="region=eu", arrives=(Arrives("GET /activity?userId=&region=eu"),)),
        ),
    ),
    Recipe(
        "R25 failure of a step",
        {
            "steps": [
                {"name": "auth", "url": f"{API}/session"},
                {"name": "fetch-user", "url": f"{API}/users/{{{{ (steps.auth.body | from_json).user }}}}"},
                {"name": "orders", "url": f"{API}/orders/{{{{ (steps['fetch-user'].body | from_json).id }}}}"},
            ]
        },
        (
            Call(
                api=(Reply('{"user": "u9"}'), Reply('{"no": "such user"}', status=404)),
                arrives=(Arrives("GET /session"), Arrives("GET /users/u9")),
                status=502,
                errors={
                    "code": "UPSTREAM_HTTP_ERROR",
                    "scope": "Composite step 'fetch-user' (index 1): Downstream (HTTP error)",
                },
            ),
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_recipe(stage, recipe):
    stage.run(recipe)


def test_a_registry_file_brings_them(stage):
    """`composite_connectors` of a file are called like those that were saved one by one."""
    document = {"name": "Filed look-up", "permalink": "filed-look-up", **stage.here(RECIPES[2].connector)}
    file = {"connectors": [], "composite_connectors": [document]}
    synced = stage.gateway.admin("PUT", "/t/filed/api/v1/sources/file/registry", file)
    assert synced.status == 200, synced.body
    stage.gateway.settle()
    stage.api.clear()
    answer = stage.gateway.call("filed-look-up", "POST", "region=eu", body=b'{"userId":"u"}', tenant="filed")
    assert answer.status == 200
    assert [received.target for received in stage.api.requests] == ["/activity?userId=u&region=eu"]
