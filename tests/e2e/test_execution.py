"""The public execute endpoint: what callers may change, what arrives, what comes back."""

import gzip
import json

import pytest


def test_rows_overrides_and_undeclared_headers(gateway, api):
    permalink = gateway.connector(
        {
            "url": f"{api.origin}/r",
            "headers": [
                {"key": "X-Tenant-ID", "value": "{{ tenant_id }}"},
                {"key": "X-Region", "value": "eu", "overridable": True},
                {"key": "X-Fixed", "value": "{{ user.email }}"},
            ],
        }
    )
    answer = gateway.call(
        permalink,
        user={"sub": "7", "email": "ada@example.com"},
        headers={
            "X-Region": "us", "x-fixed": "evil", "X-Undeclared": "1", "Cookie": "a=b",
            "Accept-Language": "pl", "X-Forwarded-For": "1.2.3.4", "Forwarded": "for=1",
        },
    )  # fmt: skip
    assert answer.status == 200
    (received,) = api.requests
    assert received.values("X-Region") == ["us"]
    assert received.values("X-Fixed") == ["ada@example.com"]
    assert received.values("X-Tenant-ID") == ["default"]
    assert received.header("Accept-Language") == "pl"
    for name in ("X-Undeclared", "Cookie", "Authorization", "X-Forwarded-For", "Forwarded", "X-Path-Params"):
        assert received.header(name) is None, name


def test_the_target_goes_out_byte_for_byte(gateway, api):
    url = f"{api.origin}/a%2Fb/c;d/%5B?filter[id][]=1&plus=a+b&space=%20"
    permalink = gateway.connector({"url": url})
    gateway.call(permalink, query="x=%2f&y=%5B%5D&z=[]&t=a&t=b&u=1+2&v=%F0%9F%9A%80")
    assert api.requests[0].target == (
        "/a%2Fb/c;d/%5B?filter[id][]=1&plus=a+b&space=%20&x=%2f&y=%5B%5D&z=[]&t=a&t=b&u=1+2&v=%F0%9F%9A%80"
    )


@pytest.mark.parametrize(
    ("given_", "status", "code", "params"),
    [
        ({"idea_id": 42}, 200, None, None),
        (None, 400, "MISSING_PATH_PARAMETERS", ["idea_id"]),
        ({"idea_id": "a/b"}, 400, "INVALID_PATH_PARAMETERS", ["idea_id"]),
        ({"idea_id": ".."}, 400, "INVALID_PATH_PARAMETERS", ["idea_id"]),
        ({"idea_id": ""}, 400, "INVALID_PATH_PARAMETERS", ["idea_id"]),
        ({"idea_id": "%20"}, 400, "INVALID_PATH_PARAMETERS", ["idea_id"]),
        ({"other": "x"}, 400, "MISSING_PATH_PARAMETERS", ["idea_id"]),
    ],
)
def test_path_parameters(gateway, api, given_, status, code, params):
    document = {
        "name": "Endorsements",
        "url": f"{api.origin}/ideas/{{{{ pathParams.idea_id }}}}/endorsements",
        "path_parameters": [{"key": "idea_id"}],
    }
    gateway.admin("PUT", "/api/v1/connectors/endorsements", document)
    gateway.settle()
    answer = gateway.call("endorsements", path_params=given_)
    assert answer.status == status
    if code:
        assert answer.json["errors"]["code"] == code and answer.json["errors"]["params"] == params
        assert api.requests == []
    else:
        assert api.requests[0].target == "/ideas/42/endorsements"


def test_request_and_response_templates(gateway, api):
    permalink = gateway.connector(
        {
            "url": f"{api.origin}/orders",
            "method": "POST",
            "headers": [{"key": "Content-Type", "value": "application/json"}],
            "request_body": '{"tenant":"{{ tenant_id }}","order_id":"{{ (body_text | from_json).order.id }}",'
            '"order_total":{{ (body_text | from_json).order.total }}}',
            "response_body": "{% set d = response.body | from_json %}"
            '{"id": {{ d.id }}, "name": "{{ d.name }}", "status": {{ response.status_code }}}',
            "response_content_type": "application/vnd.mine+json",
        }
    )
    api.reply_with(200, [("Content-Type", "application/json")], '{"id":1,"name":"O\'Brien \\"N\\"","x":2}')
    answer = gateway.call(permalink, "POST", body=b'{"order":{"id":"A7\\"","total":12.5}}')
    assert answer.json == {"id": 1, "name": 'O\'Brien "N"', "status": 200}
    assert answer.header("Content-Type") == "application/vnd.mine+json"
    assert json.loads(api.requests[0].body) == {"tenant": "default", "order_id": 'A7"', "order_total": 12.5}


@pytest.mark.parametrize(
    ("body", "status"), [(b"not json", 422), (b'{"order": {}}', 200), (b"", 422), (b"\xff\xfe", 422)]
)
def test_a_request_template_that_fails_sends_nothing(gateway, api, body, status):
    document = {
        "name": "Strict body",
        "url": f"{api.origin}/orders",
        "method": "POST",
        "request_body": '{"id":"{{ (body_text | from_json).order.id }}"}',
    }
    gateway.admin("PUT", "/api/v1/connectors/strict-body", document)
    gateway.settle()
    answer = gateway.call("strict-body", "POST", body=body)
    assert answer.status == status
    if status == 422:
        assert answer.json["errors"]["scope"] == "Configuration (template rendering)"
        assert api.requests == []


def test_bodies_pass_byte_for_byte(gateway, api):
    binary = bytes(range(256)) * 400
    upload = gateway.connector({"url": f"{api.origin}/up", "method": "PUT"})
    assert gateway.call(upload, "PUT", body=binary, headers={"Content-Type": "image/png"}).status == 200
    assert api.requests[0].body == binary and api.requests[0].header("Content-Type") == "image/png"
    download = gateway.connector({"url": f"{api.origin}/bytes/300000"})
    answer = gateway.call(download)
    assert answer.header("Content-Type") == "application/octet-stream" and len(answer.body) == 300000
    zipped = gateway.connector({"url": f"{api.origin}/zipped"})
    api.reply_with(
        200, [("Content-Encoding", "gzip"), ("Content-Type", "text/plain")], gzip.compress(b"hello" * 99)
    )
    answer = gateway.call(zipped)
    assert answer.body == b"hello" * 99 and answer.header("Content-Encoding") is None


def test_headers_that_come_back(gateway, api):
    permalink = gateway.connector({"url": f"{api.origin}/x"})
    api.reply_with(
        302,
        [
            ("Content-Type", "text/plain"), ("Set-Cookie", "a=b"), ("Location", "https://evil.example"),
            ("Access-Control-Allow-Origin", "*"), ("ETag", '"1"'), ("X-RateLimit-Remaining", "5"),
            ("Strict-Transport-Security", "max-age=1"), ("X-Internal", "1"), ("Retry-After", "3"),
            ("Content-Security-Policy", "default-src *"), ("Server", "x"),
        ],
        "moved",
    )  # fmt: skip
    answer = gateway.call(permalink)
    assert (answer.status, answer.body) == (302, b"moved")
    assert answer.header("ETag") == '"1"' and answer.header("X-RateLimit-Remaining") == "5"
    assert answer.header("Retry-After") == "3"
    for name in ("Set-Cookie", "Location", "Access-Control-Allow-Origin", "X-Internal"):
        assert answer.header(name) is None, name
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert "sandbox" in answer.header("Content-Security-Policy")
    assert len(api.requests) == 1, "redirects are not followed"


def test_every_execution_carries_its_id_and_timing(gateway, api):
    permalink = gateway.connector({"url": f"{api.origin}/x"})
    for answer in (
        gateway.call(permalink),
        gateway.call("no-such-connector"),
        gateway.call(permalink, "POST"),
    ):
        assert answer.header("X-Request-ID") and answer.header("Server-Timing")
        timing = json.loads(answer.header("X-Connector-Timing"))
        assert timing["request_id"] == answer.header("X-Request-ID")
        if answer.status != 200:
            assert answer.json["request_id"] == answer.header("X-Request-ID")
            assert answer.json["success"] is False


def test_unknown_connector_and_wrong_method(gateway, api):
    assert gateway.call("no-such-connector").code == "CONNECTOR_NOT_FOUND"
    permalink = gateway.connector({"url": f"{api.origin}/x", "method": "PATCH"})
    answer = gateway.call(permalink)
    assert (answer.status, answer.code, answer.header("Allow")) == (405, "METHOD_NOT_ALLOWED", "PATCH")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"headers": [{"key": "X", "value": "{{ get_secret('weather_kye') }}"}]}, "SECRET_NOT_FOUND"),
        ({"headers": [{"key": "X", "value": "{{ get_variable('nope') }}"}]}, "VARIABLE_NOT_FOUND"),
        (
            {"headers": [{"key": "X", "value": "{{ get_variable(get_secret('echoed')) }}"}]},
            "VARIABLE_NOT_FOUND",
        ),
        ({"method": "POST", "request_body": "{{ get_secret('echoed') }}"}, "REQUEST_TEMPLATE_FAILED"),
        (
            {"headers": [{"key": "X", "value": "{{ get_secret('echoed') | from_json }}"}]},
            "REQUEST_TEMPLATE_FAILED",
        ),
    ],
)
def test_configuration_errors_say_what_and_never_a_secret(gateway, api, document, code):
    gateway.secret("echoed", "canary-in-an-error-1")
    gateway.secret("weather_key", "canary-in-an-error-2")
    permalink = gateway.connector({"url": f"{api.origin}/x", **document})
    answer = gateway.call(
        permalink, document.get("method", "GET"), body=b"{}" if "method" in document else None
    )
    assert (answer.status, answer.code) == (422, code)
    assert api.requests == []
    if code == "SECRET_NOT_FOUND":
        assert "weather_key" in json.dumps(answer.json)


def test_an_error_page_that_prints_the_request_is_scrubbed(gateway, api):
    gateway.secret("printed", "canary-printed/by+the api")
    permalink = gateway.connector(
        {
            "url": f"{api.origin}/status/500",
            "headers": [
                {"key": "X-Basic", "value": "Basic {{ ('user:' ~ get_secret('printed')) | base64_encode }}"}
            ],
            "query_parameters": [{"key": "t", "value": "{{ get_secret('printed') }}"}],
            "authentication": {
                "type": "api_key",
                "config": {
                    "key": "Authorization",
                    "value": "Bearer {{ get_secret('printed') }}",
                    "in": "header",
                },
            },
        }
    )
    answer = gateway.call(permalink)
    assert answer.status == 500 and b"[redacted]" in answer.body
    assert "canary-printed" in str(api.requests[0].headers)


def test_a_secret_goes_only_to_its_hosts(gateway, api):
    gateway.secret("bound", "canary-bound-to-a-host", allowed_hosts=["api.example.com"])
    row = {"headers": [{"key": "X", "value": "{{ get_secret('bound') }}"}]}
    refused = gateway.admin("POST", "/api/v1/connectors", {"name": "Bound", "url": f"{api.origin}/x", **row})
    assert refused.status == 422 and "127.0.0.1" in json.dumps(refused.json["errors"]["fields"])
    gateway.variable("bound_origin", api.origin)
    permalink = gateway.connector({"url": "{{ get_variable('bound_origin') }}/x", **row})
    answer = gateway.call(permalink)
    assert (answer.status, answer.code) == (422, "DESTINATION_BLOCKED")
    assert api.requests == []


def test_blocked_and_unreachable_destinations(gateway):
    gateway.variable("inside", "https://169.254.169.254")
    permalink = gateway.connector({"url": "{{ get_variable('inside') }}/latest/meta-data"})
    assert gateway.call(permalink).code == "DESTINATION_BLOCKED"
    gateway.variable("nowhere", "http://127.0.0.1:1")
    permalink = gateway.connector({"url": "{{ get_variable('nowhere') }}/x"})
    answer = gateway.call(permalink)
    assert (answer.status, answer.code) == (502, "UPSTREAM_UNREACHABLE")


def test_head_and_empty_answers(gateway, api):
    permalink = gateway.connector({"url": f"{api.origin}/x", "method": "HEAD"})
    answer = gateway.call(permalink, "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    permalink = gateway.connector({"url": f"{api.origin}/x", "method": "DELETE"})
    api.reply_with(204)
    assert gateway.call(permalink, "DELETE").status == 204
