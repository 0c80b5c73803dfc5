"""The shapes of real registry files (REFERENCE section 18): what loads, with which warnings, and what
is refused."""

import pytest

from sealgate.execution.check import check_document
from sealgate.execution.compiling import World

WORLD = World(refusal=lambda origin: None)
CLIENT_CREDENTIALS = {
    "type": "oauth_client_credentials",
    "config": {
        "client_id": "{{ get_secret('CLIENT_ID') }}",
        "client_secret": "{{ get_secret('CLIENT_SECRET') }}",
        "token_url": "https://api2-eu-west-1.insided.com/oauth2/token",
        "scope": "read write",
    },
}
GOOGLE = {
    "type": "oauth_jwt_bearer",
    "config": {
        "client_id": "{{ get_secret('google_sa') }}",
        "private_key": "{{ get_secret('google_key') }}",
        "token_url": "https://oauth2.googleapis.com/token",
        "subject": "{{ get_secret('google_sa') }}",
        "audience": "https://oauth2.googleapis.com/token",
        "additional_claims": {"scope": "https://www.googleapis.com/auth/drive.readonly"},
    },
}
KEY = {"key": "apikey", "value": "{{ get_secret('K') }}", "in": "header"}
SOQL = "SELECT Id FROM Contact WHERE Email = '{{ user.email }}'"
LITERAL = {"private_key": "{{ 'lite' ~ 'ral' }}", "claims": {"a": 1}}
BRACKETS = (
    "https://api.example.com/v2/topics?filter[category.id][]={{ pathParams.categoryId }}"
    "&filter[user.id][]={{ user.id }}&include[]=user&limit=50"
)
CREATE = """{% set body = body_text | from_json %}
{"FirstName": "{{ body.firstName }}", "title": {{ body.title | tojson }}, "categoryId": {{ body.categoryId }},
 "priority": "{{ body.get('priority', '3') }}"}"""
LIST = """{% if response.status_code >= 400 %}{{ response.body }}{% else %}
{% set data = response.body | from_json %}{% set state_map = {"1": "New"} %}{% set items = [] %}
{% for item in data.items[:10] | sort(attribute='rank', reverse=true) %}
{% set _ = items.append({
  "state": state_map[item['state']] if item['state'] in state_map else 'Unknown',
  "first": item.name.split(' ')[0], "country": item.country.name.common,
  "capital": item.country.capital[0]}) %}
{% endfor %}{{ items | tojson }}{% endif %}"""


def check(**members):
    return check_document({"name": "Shape", "url": "https://api.example.com/x", **members}, WORLD)


@pytest.mark.parametrize(
    "members",
    [
        {"authentication": CLIENT_CREDENTIALS},
        {"authentication": GOOGLE},
        {"authentication": {"type": "apikey", "config": KEY}},
        {"headers": [{"key": "Authorization", "value": "Bearer {{ get_secret('X') }}"}]},
        {"headers": [{"key": "Authorization", "value": "Basic {{ get_secret('Y') }}"}]},
        {"headers": [{"key": "apikey", "value": "{{ get_secret('X') }}"},
                     {"key": "Authorization", "value": "Bearer {{ get_secret('X') }}"}]},
        {"url": BRACKETS, "path_parameters": [{"key": "categoryId"}]},
        {"url": "https://api.example.com/{{ get_variable('v') }}/posts?authorId={{ user.id }}"},
        {"url": "{{ get_variable('origin') }}/services/data/v59.0/query"},
        {"method": "POST", "request_body": CREATE},
        {"method": "POST", "request_body": "{% set payload = body_text | from_json %}{{ payload | tojson }}"},
        {"method": "POST", "request_body": "{{ body_text }}"},
        {"response_body": LIST, "response_content_type": "application/json"},
        {"query_parameters": [{"key": "q", "value": "", "overridable": True},
                              {"key": "p", "value": " ", "overridable": True}]},
    ],
)  # fmt: skip
def test_loads_without_a_word(members):
    checked = check(**members)
    assert checked.faults == () and checked.warnings == ()
    assert checked.plan is not None


@pytest.mark.parametrize(
    ("members", "path", "word"),
    [
        ({"pathParams": [{"key": "x"}]}, "pathParams", "path_parameters"),
        ({"url": "https://api.example.com/table/{sysId}"}, "url", "pathParams.sysId"),
        ({"url": "https://api.example.com/x?n={{ queryParams.name }}"}, "url", "queryParams"),
        ({"url": "https://api.example.com/x?n={{ body_text }}", "method": "POST"}, "url", "body_text"),
        ({"url": "https://api.example.com/{{ pathParams.x }}"}, "url", "CONNECTOR_MISCONFIGURED"),
        ({"method": "POST", "request_body": "{{ json_encode(payload) }}"}, "request_body", "filter"),
        ({"response_body": "{{ get_secret('x') }}"}, "response_body", "not available"),
        ({"query_parameters": [{"key": "q", "value": SOQL}]}, "query_parameters.0.value", "quotes"),
        ({"headers": [{"key": "Authorization", "value": "x"}], "authentication": CLIENT_CREDENTIALS},
         "headers.0.key", "replaces this row"),
        ({"headers": [{"key": "Cookie", "value": "x", "overridable": True}]},
         "headers.0.overridable", "never"),
        ({"headers": [{"key": "Host", "value": "x"}]}, "headers.0.key", "not sent"),
    ],
)  # fmt: skip
def test_loads_with_a_warning(members, path, word):
    checked = check(**members)
    assert checked.faults == () and checked.plan is not None
    warnings = [warning for warning in checked.warnings if warning.path == path]
    assert any(word in f"{warning.message} {warning.hint}" for warning in warnings), checked.warnings
    assert check_strictly_refused(checked)


def check_strictly_refused(checked):
    return len(checked.findings.strict().faults) == len(checked.warnings) > 0


@pytest.mark.parametrize(
    ("members", "path", "word"),
    [
        ({"authentication": {"type": "apikey", "key": "k", "value": "{{ get_secret('x') }}", "in": "header"}},
         "authentication", "inside `config`"),
        ({"url": "{{ get_secret('base') }}/x"}, "url", "get_secret('base')"),
        ({"url": "https://{{ user.id }}.example.com/v1"}, "url", "user.id"),
        ({"path_parameters": [{"key": "x"}]}, "path_parameters.0.key", "does not use"),
        ({"headers": [{"key": "A", "value": "{{ x | upperr }}"}]}, "headers.0.value", "upperr"),
        ({"authentication": {"type": "api_key", "config": {"key": "k", "value": "sk-1"}}},
         "authentication.config.value", "plain text"),
        ({"authentication": {"type": "jwt", "config": LITERAL}},
         "authentication.config.private_key", "plain text"),
        ({"name": "???"}, "permalink", "cannot be derived"),
    ],
)  # fmt: skip
def test_is_refused(members, path, word):
    checked = check(**members)
    assert checked.plan is None and checked.document is None
    assert any(
        fault.path == path and word in f"{fault.message} {fault.expression}" for fault in checked.faults
    )


def test_the_token_url_is_judged_like_the_url():
    world = World(refusal=lambda origin: f"{origin.host} is refused")
    checked = check_document(
        {"name": "x", "url": "https://a.example/x", "authentication": CLIENT_CREDENTIALS}, world
    )
    assert {fault.path for fault in checked.faults} == {"url", "authentication.config.token_url"}


def test_the_host_is_judged_beside_other_faults():
    world = World(refusal=lambda origin: f"{origin.host} is refused")
    checked = check_document({"name": "x", "url": "https://localhost/a b"}, world)
    assert [fault.path for fault in checked.faults] == ["url", "url"]
