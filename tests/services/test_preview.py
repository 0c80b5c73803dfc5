"""A preview: the request as it would go out, without sending it and without any secret."""

import pytest

from sealgate.errors import SealgateError
from sealgate.secret import Secret
from sealgate.services.preview import preview_request
from sealgate.services.secrets import put_secret

CANARY = "canary-of-preview-81c2f6"
ADA = {"sub": "7", "email": "ada@example.com", "given_name": "Ada", "family_name": "Lovelace"}
BASE = {"name": "Items", "url": "https://api.example.com/items"}
OAUTH = {
    "type": "oauth_client_credentials",
    "config": {
        "client_id": "me",
        "client_secret": "{{ get_secret('key') }}",
        "token_url": "https://login.example.com/token",
    },
}
JWT = {
    "type": "jwt",
    "config": {"private_key": "{{ get_secret('key') }}", "claims": {"sub": "{{ user.email }}"}},
}


def api_key(value, place="header"):
    return {"type": "api_key", "config": {"key": "X-Key", "value": value, "in": place}}


SHOWN = [
    pytest.param({}, "https://api.example.com/items", {}, id="as written"),
    pytest.param(
        {"url": "https://api.example.com/items/{{ pathParams.id }}", "path_parameters": [{"key": "id"}]},
        "https://api.example.com/items/your-id",
        {},
        id="path parameter",
    ),
    pytest.param(
        {"query_parameters": [{"key": "who", "value": "{{ user.email }}"}]},
        "https://api.example.com/items?who=ada@example.com",
        {},
        id="user",
    ),
    pytest.param(
        {"authentication": api_key("Bearer {{ get_secret('key') }}")},
        "https://api.example.com/items",
        {"X-Key": "Bearer $KEY"},
        id="api key in a header",
    ),
    pytest.param(
        {"authentication": api_key("{{ get_secret('key') }}", "query")},
        "https://api.example.com/items?X-Key=$KEY",
        {},
        id="api key in the query",
    ),
    pytest.param(
        {"authentication": OAUTH},
        "https://api.example.com/items",
        {"Authorization": "Bearer $ACCESS_TOKEN"},
        id="oauth asks no token endpoint",
    ),
    pytest.param(
        {"authentication": JWT},
        "https://api.example.com/items",
        {"Authorization": "Bearer $JWT"},
        id="jwt signs nothing",
    ),
]


async def preview(engine, members, user=ADA):
    await put_secret(engine, "default", "key", Secret(CANARY), actor="test")
    await engine.refresh()
    checked = engine.check("default", BASE | members)
    assert not checked.faults
    return preview_request(engine, "default", checked, user)


@pytest.mark.parametrize(("members", "url", "headers"), SHOWN)
async def test_it_is_the_request_with_placeholders_for_secrets(engine, members, url, headers):
    shown = await preview(engine, members)
    assert (shown.url, dict(shown.headers)) == (url, headers)
    assert CANARY not in repr(shown)


async def test_the_body_is_rendered_and_gets_its_content_type(engine):
    shown = await preview(engine, {"method": "POST", "request_body": '{"by": {{ user.id | tojson }}}'})
    assert shown.body == '{"by": "7"}'
    assert ("Content-Type", "application/json") in shown.headers
    assert not shown.callers_body


async def test_without_a_user_it_says_that_one_is_needed(engine):
    with pytest.raises(SealgateError) as refused:
        await preview(engine, {"headers": [{"key": "X-User", "value": "{{ user.id }}"}]}, user=None)
    assert refused.value.code == "USER_REQUIRED"


@pytest.mark.parametrize("members", [{"url": "nowhere"}, {"steps": [{"name": "a", "url": BASE["url"]}]}])
async def test_a_document_with_faults_and_a_composite_have_none(engine, members):
    document = {"name": "Items", **members} if "steps" in members else BASE | members
    assert preview_request(engine, "default", engine.check("default", document), ADA) is None
