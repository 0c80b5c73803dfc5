"""R7 to R13 of the recipes (REFERENCE section 16): who calls, and what a caller may say."""

import pytest
from recipe import ADA, API, Arrives, Call, Recipe, headers, variable

NOBODY = {"code": "USER_REQUIRED"}
SOQL = "select id from Account where Name = 'Acme Corp'"
PORTAL = "https://{{ get_variable('portal_host') | default('app.portal.example', true) }}/x"


def row(key, value, **more):
    return {"key": key, "value": value, **more}


RECIPES = [
    Recipe(
        "R7 pinned identity",
        {
            "url": f"{API}/me",
            "query_parameters": [
                row("user_id", "{{ user.id }}"),
                row("email", "{{ user.email }}"),
                row("department", "{{ user.profile_fields.by_id(42) }}"),
            ],
        },
        (
            Call(
                query="user_id=456&email=eve%40example.com&department=Board&page=2",
                user=ADA,
                arrives=(
                    Arrives("GET /me?user_id=123&email=ada@example.com&department=Research&page=2"),
                ),
            ),
            Call(query="user_id=456", status=401, errors=NOBODY),
        ),
    ),
    Recipe(
        "R7 pinned tenant",
        {"url": f"{API}/t", "headers": headers(X_Tenant_ID="{{ tenant_id }}")},
        (
            Call(
                headers={"X-Tenant-ID": "other"},
                arrives=(Arrives("GET /t", {"X-Tenant-ID": "acme"}),),
            ),
        ),
        tenant_id="acme",
    ),
    Recipe(
        "R8 overridable default",
        {"url": f"{API}/w", "query_parameters": [row("location", "New York", overridable=True)]},
        (
            Call(arrives=(Arrives("GET /w?location=New%20York"),)),
            Call(query="location=Oslo", arrives=(Arrives("GET /w?location=Oslo"),)),
        ),
    ),
    Recipe(
        "R9 encoding of a row",
        {"url": f"{API}/query", "query_parameters": [row("q", SOQL)]},
        (
            Call(
                arrives=(
                    Arrives(
                        "GET /query?q=select%20id%20from%20Account%20where%20Name%20%3D%20%27Acme%20Corp%27"
                    ),
                )
            ),
        ),
    ),
    Recipe(
        "R9 the same text in the URL",
        {"url": f"{API}/query?q={SOQL}"},
        refused={"url": "space"},
    ),
    Recipe(
        "R10 filter in the request",
        {"url": f"{API}/ideas", "query_parameters": [row("visibility", "public")]},
        (Call(query="visibility=all", arrives=(Arrives("GET /ideas?visibility=public"),)),),
    ),
    Recipe(
        "R11 path parameter",
        {
            "url": f"{API}/ideas/{{{{ pathParams.idea_id }}}}/endorsements",
            "path_parameters": [{"key": "idea_id"}],
        },
        (
            Call(path_params={"idea_id": 42}, arrives=(Arrives("GET /ideas/42/endorsements"),)),
            Call(status=400, errors={"code": "MISSING_PATH_PARAMETERS", "params": ["idea_id"]}),
            Call(
                path_params={"idea_id": "a/b"},
                status=400,
                errors={"code": "INVALID_PATH_PARAMETERS", "params": ["idea_id"]},
            ),
        ),
    ),
    Recipe(
        "R11 path parameter without its row",
        {"url": f"{API}/ideas/{{{{ pathParams.idea_id }}}}/endorsements"},
        (Call(path_params={"idea_id": 42}, status=400, errors={"code": "CONNECTOR_MISCONFIGURED"}),),
    ),
    Recipe(
        "R12 origin in a variable",
        {"url": f"{variable('salesforce_instance_url')}/services/data/v59.0/query"},
        (Call(query="q=1", arrives=(Arrives("GET /services/data/v59.0/query?q=1"),)),),
        variables={"salesforce_instance_url": API},
    ),
    Recipe(
        "R12 origin in a variable, https",
        {"url": f"{variable('salesforce_instance_url')}/services/data/v59.0/query"},
        variables={"salesforce_instance_url": "https://acme.my.salesforce.example"},
        tenant_id="acme",
        resolves_to="https://acme.my.salesforce.example/services/data/v59.0/query",
    ),
    Recipe("R13 host never set", {"url": PORTAL}, resolves_to="https://app.portal.example/x"),
    Recipe(
        "R13 host set to nothing",
        {"url": PORTAL},
        variables={"portal_host": ""},
        resolves_to="https://app.portal.example/x",
        tenant_id="empty-portal",
    ),
    Recipe(
        "R13 host set",
        {"url": PORTAL},
        variables={"portal_host": "eu.portal.example"},
        resolves_to="https://eu.portal.example/x",
        tenant_id="european-portal",
    ),
    Recipe(
        "R13 host set to nothing, without true",
        {"url": PORTAL.replace(", true", "")},
        (Call(status=422, errors={"code": "URL_INVALID"}),),
        variables={"portal_host": ""},
        tenant_id="empty-portal",
    ),
]  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_recipe(stage, recipe):
    stage.run(recipe)
