"""Test Connection: the same run, explained, and never a secret in it (REFERENCE section 11)."""

import json
import subprocess
from urllib.parse import quote

import pytest

from sealgate.testing import keys


def document(api, **more):
    return {"name": "Trial", "url": f"{api.origin}/v1/weather", **more}


def test_an_unsaved_connector_is_run_and_explained(gateway, api):
    gateway.secret("trial_key", "canary-trial-key-1")
    body = document(
        api,
        headers=[{"key": "X-Who", "value": "{{ user.email }}"}, {"key": "X-Odd", "value": "a{{ nope }}b"}],
        authentication={
            "type": "api_key",
            "config": {"key": "key", "value": "{{ get_secret('trial_key') }}", "in": "query"},
        },
        response_body="{{ response.body }}",
    )
    request = {"query": {"q": "Warsaw"}, "user": {"sub": "1", "email": "ada@example.com"}}
    answer = gateway.test(connector=body, request=request)
    assert answer.status == 200
    assert api.requests[0].target == "/v1/weather?q=Warsaw&key=canary-trial-key-1"
    result = answer.json
    assert result["status"] == 200 and result["body"]["method"] == "GET"
    explain = result["explain"]
    assert explain["request"]["url"] == f"{api.origin}/v1/weather?q=Warsaw&key=$TRIAL_KEY"
    assert explain["request"]["headers"]["X-Who"] == "ada@example.com"
    # `receive` is there when the body did not come in one piece with the head.
    steps = [step["name"] for step in explain["steps"] if step["name"] != "receive"]
    assert steps == ["admit", "render", "authenticate", "send", "reshape"]
    assert explain["curl"].startswith(f'curl "{api.origin}/v1/weather?q=Warsaw&key=$TRIAL_KEY" -H ')
    assert any("nope" in warning["message"] for warning in explain["warnings"])
    debug = json.loads(answer.header("X-Debug-Request"))
    assert debug == result["debug_request"]
    assert set(debug) == {
        "url", "method", "headers", "query_parameters", "authentication", "request_body", "response_body",
        "response_content_type",
    }  # fmt: skip
    assert debug["authentication"]["config"]["value"] == "{{ get_secret('trial_key') }}"
    assert debug["headers"]["X-Who"] == "ada@example.com"
    assert debug["response_body"] == "{{ response.body }}"


def test_the_curl_line_sends_the_same_request(gateway, api):
    gateway.secret("curl_key", "canary-$curl`key\\")
    body = document(
        api,
        url=f"{api.origin}/v1/x?filter[a][]=1",
        method="POST",
        headers=[
            {"key": "X-Empty", "value": ""},
            {"key": "X-Quote", "value": 'it\'s "$HOME" `id`'},
            {"key": "X-Both", "value": "$x {{ get_secret('curl_key') }} `y`"},
            {"key": "Content-Type", "value": "text/plain"},
        ],
        query_parameters=[{"key": "k", "value": "{{ get_secret('curl_key') }}"}],
        request_body="it's {{ user.email }}",
    )
    request = {"body": "x", "user": {"sub": "1", "email": "a@b"}}
    command = gateway.test(connector=body, request=request).json["explain"]["curl"]
    value = "canary-$curl`key\\"
    script = f"{command.replace('k=$CURL_KEY', 'k=$ENCODED')}"
    environment = {"CURL_KEY": value, "ENCODED": quote(value), "PATH": "/usr/bin:/bin"}
    subprocess.run(["sh", "-c", script], check=True, env=environment, capture_output=True)
    ours, curls = api.requests
    assert curls.target == ours.target and curls.body == ours.body and curls.method == ours.method
    for name in ("X-Empty", "X-Quote", "X-Both", "Content-Type"):
        assert curls.values(name) == ours.values(name), name


def test_a_body_with_half_a_surrogate_pair_is_shown_as_text(gateway, api):
    api.reply_with(200, [("Content-Type", "application/json")], '{"a": "\\ud800"}')
    answer = gateway.test(connector=document(api))
    assert (answer.status, answer.json["body"]) == (200, '{"a": "\\ud800"}')


def test_a_cookie_of_the_api_is_not_shown(gateway, api):
    api.reply_with(200, [("Set-Cookie", "session=a-cookie-of-the-api"), ("X-Seen", "yes")], "{}")
    answer = gateway.test(connector=document(api))
    assert answer.json["explain"]["response"]["headers"]["x-seen"] == "yes"
    assert b"a-cookie-of-the-api" not in answer.body


def test_a_missing_look_up_is_placed(gateway, api):
    body = document(api, headers=[{"key": "A", "value": "1"}, {"key": "B", "value": "{{ user.emial }}"}])
    answer = gateway.test(connector=body, request={"user": {"sub": "1"}})
    (warning,) = answer.json["explain"]["warnings"]
    assert warning["path"] == "headers.1.value" and warning["expression"] == "user.emial"


def test_where_the_token_came_from(gateway, api, oauth):
    gateway.secret("trial_secret", "canary-trial-secret")
    oauth.add_client("trial", "canary-trial-secret", scopes=["a"])
    authentication = {
        "type": "oauth_client_credentials",
        "config": {
            "client_id": "trial",
            "client_secret": "{{ get_secret('trial_secret') }}",
            "token_url": oauth.token_url,
        },
    }
    body = document(api, authentication=authentication)
    explained = [gateway.test(connector=body).json["explain"]["authentication"] for _ in range(2)]
    assert [each["source"] for each in explained] == ["fetched", "cache"]
    assert explained[0]["token_endpoint"]["status"] == 200
    gateway.canaries.add(oauth.issued[0].token)
    assert gateway.test(connector=body).status == 200


def test_why_the_token_endpoint_said_no(gateway, api, oauth):
    gateway.secret("wrong_secret", "canary-wrong-secret")
    oauth.add_client("trial", "the-right-one", scopes=["a"])
    config = {
        "client_id": "trial",
        "client_secret": "{{ get_secret('wrong_secret') }}",
        "token_url": oauth.token_url,
    }
    answer = gateway.test(
        connector=document(api, authentication={"type": "oauth_client_credentials", "config": config})
    )
    assert (answer.status, answer.code) == (502, "TOKEN_REQUEST_FAILED")
    endpoint = answer.json["explain"]["authentication"]["token_endpoint"]
    assert endpoint["status"] in (400, 401) and endpoint["error"] == "invalid_client"
    assert answer.json["explain"]["hints"]
    assert answer.header("X-Debug-Request")


@pytest.mark.parametrize(
    ("algorithm", "key", "word"),
    [
        ("ES256", lambda: keys.rsa_key().private_pem, "RSA"),
        ("RS256", lambda: keys.ec_key().private_pem, "EC"),
        ("RS256", lambda: keys.rsa_key().public_pem, "public"),
        ("RS256", lambda: keys.rsa_key(1024).private_pem, "2048"),
        ("HS256", lambda: "short", "32"),
        ("ES384", lambda: keys.ec_key("P-256").private_pem, "P-384"),
    ],
)
def test_a_key_that_does_not_fit_is_said(gateway, api, algorithm, key, word):
    gateway.secret("misfit", key())
    config = {
        "private_key": "{{ get_secret('misfit') }}",
        "algorithm": algorithm,
        "claims": {"iss": "x"},
    }
    answer = gateway.test(connector=document(api, authentication={"type": "jwt", "config": config}))
    assert (answer.status, answer.code) == (422, "SIGNING_FAILED")
    assert answer.json["errors"]["scope"] == "Authentication (JWT signing)"
    assert word in json.dumps(answer.json["errors"])
    assert api.requests == []


def test_faults_of_an_unsaved_connector_come_all_at_once(gateway):
    bad = {
        "name": "",
        "url": "https://localhost/a b",
        "method": "FETCH",
        "headers": [{"key": "A", "value": "{{ x"}, {"key": "a", "value": "1"}],
        "authentication": {"type": "api_key", "config": {"key": "K", "value": "sk-literal"}},
    }
    answer = gateway.test(connector=bad)
    assert (answer.status, answer.code) == (422, "INVALID_DOCUMENT")
    paths = {field["path"] for field in answer.json["errors"]["fields"]}
    expected = {"name", "url", "method", "headers.0.value", "headers.1.key", "authentication.config.value"}
    assert expected <= paths


def test_a_failing_api_gets_a_hint(gateway, api):
    for status, word in ((401, "credential"), (403, "permissions"), (404, "path"), (302, "redirect")):
        answer = gateway.test(connector={"name": "T", "url": f"{api.origin}/status/{status}"})
        assert answer.json["status"] == status
        assert word in " ".join(answer.json["explain"]["hints"]), status
