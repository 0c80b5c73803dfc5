"""What a call does where the original's documentation is unclear. The numbers are those of
docs/compatibility.md, "Its ambiguities, one by one" (REFERENCE section 17)."""

import json

import pytest
from recipe import ADA, API, LOGIN, Arrives, Call, Recipe, Reply, headers, secret

from sealgate.testing import jwts

BOB = {"sub": "456", "email": "bob@example.com"}
SIGNING_KEY = "an-hmac-key-of-more-than-thirty-two-bytes"
FRESH = {"Cache-Control": "private, max-age=60"}


def signed(claims):
    config = {"private_key": secret("pk"), "algorithm": "HS256", "claims": claims}
    return {"authentication": {"type": "jwt", "config": config}}


def for_the_user(body, **more):
    """An answer that is the same for all, and what a template makes of it for Ada and for Bob."""
    return tuple(
        Call(
            user=user,
            api=(Reply(body, headers={"Cache-Control": "max-age=60"}),),
            arrives=(Arrives("GET /r", **more),),
            gets=f'{{"for": "{user["email"]}", "n": 1}}',
        )
        for user in (ADA, BOB)
    )


def step(name, **members):
    return {"name": name, "url": f"{API}/{name}", **members}


RECIPES = [
    Recipe(
        "17.2 a template runs for each caller",
        {
            "url": f"{API}/r",
            "headers": headers(X_Who="{{ user.id }}"),
            "response_body": '{"for": "{{ user.email }}", "n": {{ (response.body | from_json).n }}}',
        },
        for_the_user('{"n": 1}'),
    ),
    Recipe(
        "17.3 two users share nothing",
        {"url": f"{API}/r", **signed({"sub": "{{ user.id }}"})},
        tuple(
            Call(
                user=user,
                api=(Reply(f'{{"of": "{user["sub"]}"}}', headers=FRESH),),
                arrives=(Arrives("GET /r"),),
                gets=f'{{"of": "{user["sub"]}"}}',
            )
            for user in (ADA, BOB)
        ),
        secrets={"pk": SIGNING_KEY},
    ),
    Recipe(
        "17.10 get_variable in the bodies of a step",
        {
            "steps": [
                step(
                    "only",
                    method="POST",
                    request_body='{"v": "{{ get_variable(\'v\') }}"}',
                    response_body='{"w": "{{ get_variable(\'v\') }}"}',
                )
            ]
        },
        (Call(arrives=(Arrives("POST /only", body='{"v": "eu"}'),), gets='{"w": "eu"}'),),
        variables={"v": "eu"},
    ),
    *(
        Recipe(
            f"17.13 {status} of the API{' through a template' if template else ''}",
            {"url": f"{API}/r", "response_body": template},
            (
                Call(
                    api=(Reply('{"error": "no"}', status=status),),
                    arrives=(Arrives("GET /r"),),
                    status=status,
                    gets=f'{{"status": {status}}}' if template else '{"error": "no"}',
                ),
            ),
        )
        for status in (404, 503)
        for template in ("", '{"status": {{ response.status_code }}}')
    ),
    Recipe(
        "17.14 response template of a step",
        {"steps": [step("first"), step("second", response_body="{{ response.body | from_json }}")]},
        (
            Call(
                api=(Reply("[]"), Reply("nonsense")),
                arrives=(Arrives("GET /first"), Arrives("GET /second")),
                status=422,
                errors={
                    "code": "RESPONSE_TEMPLATE_FAILED",
                    "scope": "Composite step 'second' (index 1): Configuration (template rendering)",
                },
            ),
        ),
    ),
    Recipe(
        "17.21 a misconfigured URL is a 400, too",
        {"url": f"{API}/{{{{ pathParams.x }}}}"},
        (Call(path_params={"x": "1"}, status=400, errors={"code": "CONNECTOR_MISCONFIGURED"}),),
    ),
    Recipe(
        "17.22 value and overridable of a path row",
        {
            "url": f"{API}/{{{{ pathParams.x }}}}",
            "path_parameters": [{"key": "x", "value": "7", "overridable": True}],
        },
        (
            Call(status=400, errors={"code": "MISSING_PATH_PARAMETERS", "params": ["x"]}),
            Call(path_params={"x": "8"}, arrives=(Arrives("GET /8"),)),
        ),
    ),
    Recipe(
        "17.23 names that no row declares",
        {"url": f"{API}/r"},
        (
            Call(
                query="q=Warsaw",
                headers={"X-Request-Source": "w", "Cookie": "a=b", "Accept-Language": "pl"},
                arrives=(
                    Arrives(
                        "GET /r?q=Warsaw",
                        {"X-Request-Source": None, "Cookie": None, "Accept-Language": "pl"},
                    ),
                ),
            ),
        ),
    ),
    Recipe(
        "17.23 queries that are not forwarded",
        {"url": f"{API}/r", "forward_query": False},
        (Call(query="q=Warsaw", arrives=(Arrives("GET /r"),)),),
    ),
    *(
        Recipe(
            f"17.29 {name}: asked each time",
            {"url": f"{API}/r"},
            tuple(
                Call(api=(Reply(f"[{n}]", headers=fields),), arrives=(Arrives("GET /r"),), gets=f"[{n}]")
                for n in (1, 2)
            ),
        )
        for name, fields in (("no-cache", {"Cache-Control": "no-cache"}), ("an ETag alone", {"ETag": '"1"'}))
    ),
    Recipe(
        "17.32 redirects and cookies",
        {"url": f"{API}/r"},
        (
            Call(
                api=(
                    Reply("moved", 302, headers={"Location": "https://evil.example/", "Set-Cookie": "a=b"}),
                ),
                arrives=(Arrives("GET /r"),),
                status=302,
                gets="moved",
                gets_headers={"Location": None, "Set-Cookie": None, "Access-Control-Allow-Origin": None},
            ),
        ),
    ),
    Recipe(
        "17.33 private token URL",
        {
            "url": f"{API}/r",
            "authentication": {
                "type": "oauth_client_credentials",
                "config": {
                    "client_id": secret("id"),
                    "client_secret": secret("secret"),
                    "token_url": "https://10.0.0.1/oauth/token",
                },
            },
        },
        refused={"authentication.config.token_url": "10.0.0.1"},
    ),
    Recipe(
        "17.33 private token URL from a variable",
        {
            "url": f"{API}/r",
            "authentication": {
                "type": "oauth_client_credentials",
                "config": {
                    "client_id": secret("id"),
                    "client_secret": secret("secret"),
                    "token_url": "https://{{ get_variable('idp') }}/oauth/token",
                },
            },
        },
        (Call(status=422, errors={"code": "DESTINATION_BLOCKED"}),),
        secrets={"id": "client-of-a-private-idp", "secret": "secret-of-a-private-idp"},
        variables={"idp": "10.0.0.1"},
    ),
    Recipe(
        "17.33 a step that is answered by a redirect",
        {"steps": [step("first"), {**step("second"), "when": "steps.first.status_code"}]},
        (
            Call(
                api=(Reply("", status=302, headers={"Location": "https://evil.example/"}), Reply("[]")),
                arrives=(Arrives("GET /first"), Arrives("GET /second")),
                gets="[]",
            ),
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_calls(stage, recipe):
    stage.run(recipe)


@pytest.mark.parametrize(
    ("expires_in", "token_requests"),
    [(60, 1), (0, 2)],
    ids=["17.1 a minute is enough", "17.1 no time"],
)
def test_a_short_token(stage, expires_in, token_requests):
    name = f"lasting_{expires_in}"
    authentication = {
        "type": "oauth_client_credentials",
        "config": {
            "client_id": name,
            "client_secret": secret(name),
            "token_url": f"{LOGIN}/oauth/token",
        },
    }
    stage.oauth.expires_in = expires_in
    recipe = Recipe(
        f"17.1 {name}",
        {"url": f"{API}/r", "authentication": authentication},
        tuple(Call(arrives=(Arrives("GET /r"),)) for _ in (1, 2)),
        secrets={name: f"secret-of-a-short-token-{expires_in}"},
        clients={name: f"secret-of-a-short-token-{expires_in}"},
        token_requests=token_requests,
    )
    stage.save(recipe)
    stage.gateway.settle()
    stage.run(recipe)


def test_17_11_which_claims_become_numbers(gateway, api):
    gateway.secret("numbers_pk", SIGNING_KEY)
    claims = {"exp": "{{ now(60) }}", "iat": "{{ now() }}", "nbf": "1700000000", "level": "7"}
    config = {"private_key": secret("numbers_pk"), "algorithm": "HS256", "claims": claims}
    permalink = gateway.connector(
        {"url": f"{api.origin}/r", "authentication": {"type": "jwt", "config": config}}
    )
    assert gateway.call(permalink).status == 200
    token = api.requests[0].header("Authorization").removeprefix("Bearer ")
    _, arrived = jwts.verify(token, SIGNING_KEY, "HS256")
    assert {name: type(value) for name, value in arrived.items()} == {
        "exp": int, "iat": int, "nbf": int, "level": str,
    }  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_17_16_the_timing_adds_up(gateway, api, method):
    answer = gateway.call(gateway.connector({"url": f"{api.origin}/slow/0.05", "method": method}), method)
    timing = json.loads(answer.header("X-Connector-Timing"))
    assert timing["internal_ms"] == pytest.approx(timing["total_ms"] - timing["external_ms"], abs=0.051)
    assert timing["external_ms"] == timing["breakdown"]["http_request_ms"] >= 50
    assert timing["breakdown"].keys() == {"setup_ms", "transform_ms", "cache_ms", "http_request_ms"}
    assert "cache;dur=" in answer.header("Server-Timing")


def test_17_17_the_request_id_is_ours(gateway, api):
    answer = gateway.call(gateway.connector({"url": f"{api.origin}/r"}), headers={"X-Request-Id": "mine"})
    assert answer.header("X-Request-ID") != "mine"
    assert api.requests[0].header("X-Request-Id") is None


def test_17_17_the_debug_header_is_short_and_ascii(gateway, api):
    document = {"name": "Long", "url": f"{api.origin}/r", "method": "POST", "request_body": "{{ body_text }}"}
    answer = gateway.test(connector=document, request={"body": "zażółć " * 5000})
    header = answer.header("X-Debug-Request")
    assert header.isascii() and len(header) <= 8192
    assert json.loads(header)["url"] == f"{api.origin}/r"
    assert answer.json["debug_request"]["request_body"] == "zażółć " * 5000


def test_17_17_a_synced_connector_can_be_tested(gateway, api):
    document = {"name": "Synced", "permalink": "synced", "url": f"{api.origin}/synced"}
    synced = gateway.admin("PUT", "/t/tested/api/v1/sources/file/registry", {"connectors": [document]})
    assert synced.status == 200
    answer = gateway.admin("POST", "/t/tested/api/v1/test", {"permalink": "synced"})
    assert (answer.status, answer.json["status"]) == (200, 200)
    assert [received.target for received in api.requests] == ["/synced"]
