# ruff: noqa: E501 (tables of templates)
"""Composite connectors as their callers meet them (REFERENCE section 12)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from gateway import Answer, Gateway

from sealgate.testing.api import FakeApi
from sealgate.testing.oauth import OAuthServer

SECRET = "composite-step-key-73f1"
JSON = [("Content-Type", "application/json")]


@pytest.fixture(scope="module")
def api() -> Iterator[FakeApi]:
    with FakeApi() as api:
        yield api


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    directory = tmp_path_factory.mktemp("composites")
    with Gateway(directory, SEALGATE_COMPOSITE_TIMEOUT="2", SEALGATE_UPSTREAM_TIMEOUT="1") as gateway:
        gateway.secret("step_key", SECRET)
        gateway.variable("region", "eu")
        yield gateway


@pytest.fixture(autouse=True)
def forget(api: FakeApi) -> None:
    api.clear()


def step(name: str, url: str, **members: Any) -> dict[str, Any]:
    return {"name": name, "url": url, **members}


def run(gateway: Gateway, steps: list[dict[str, Any]], payload: Any = None, **call: Any) -> Answer:
    permalink = gateway.connector({"steps": steps})
    body = None if payload is None else json.dumps(payload).encode()
    return gateway.call(permalink, "POST", body=body, headers={"Content-Type": "application/json"}, **call)


def test_the_reply_is_the_last_steps(gateway: Gateway, api: FakeApi) -> None:
    api.reply_with(200, JSON, '{"id": "c1"}', path="/contacts")
    answer = run(
        gateway,
        [
            step("contact", f"{api.origin}/contacts?email={{{{ user.email }}}}"),
            step(
                "orders",
                f"{api.origin}/orders",
                query_parameters=[
                    {"key": "contact_id", "value": "{{ (steps.contact.body | from_json).id }}"},
                    {"key": "seen", "value": "{{ steps.contact.status_code }}"},
                    {"key": "type", "value": "{{ steps['contact'].headers['content-type'] }}"},
                ],
                headers=[{"key": "X-Key", "value": "{{ get_secret('step_key') }}"}],
            ),
        ],
        user={"sub": "u1", "email": "ada@example.com"},
    )
    assert answer.status == 200
    assert [request.target for request in api.requests] == [
        "/contacts?email=ada%40example.com",
        "/orders?contact_id=c1&seen=200&type=application/json",
    ]
    assert api.requests[1].values("x-key") == [SECRET]
    assert answer.json["path"] == "/orders"


@pytest.mark.parametrize(
    ("field", "template", "printed"),
    [
        ("query_parameters", "{{ request.query_parameters.region }}", "eu"),
        ("query_parameters", "{{ request.query_parameters.nope }}", ""),
        ("query_parameters", "{{ (request.body_text | from_json).userId if request.body_text else '' }}", "usr_1"),
        ("query_parameters", "{{ request.headers['Content-Type'] }}|{{ request.headers['content-type'] }}",
         "application/json|application/json"),
        ("query_parameters", "{{ request.headers.authorization }}{{ request.headers.cookie }}", ""),
        ("query_parameters", "{{ body_text }}{{ pathParams.x }}{{ steps.later.body }}", ""),
        ("request_body", "{{ request.body_text }}", '{"userId": "usr_1"}'),
        ("request_body", '{"r": "{{ get_variable(\'region\') }}", "t": "{{ tenant_id }}"}', '{"r": "eu", "t": "default"}'),
        ("request_body", '{"size": {{ request.body_raw | length }}}', '{"size": 19}'),
        ("url", "/{{ get_variable('region') }}/{{ request.query_parameters.region }}", "/eu/eu"),
    ],
)  # fmt: skip
def test_what_templates_see(gateway: Gateway, api: FakeApi, field: str, template: str, printed: str) -> None:
    members: dict[str, Any] = {"method": "POST"}
    if field == "query_parameters":
        members[field] = [{"key": "v", "value": template}]
    elif field == "request_body":
        members[field] = template
    url = api.origin + (template if field == "url" else "/x")
    answer = run(gateway, [step("only", url, **members)], {"userId": "usr_1"}, query="region=eu")
    assert answer.status == 200, answer.body
    received = api.requests[0]
    if field == "url":
        assert received.path == printed
    elif field == "request_body":
        assert received.body.decode() == printed
    else:
        assert dict(received.query)["v"] == printed


def test_a_step_sends_nothing_of_the_caller_on_its_own(gateway: Gateway, api: FakeApi) -> None:
    permalink = gateway.connector(
        {"steps": [step("only", f"{api.origin}/x", method="POST",
                        query_parameters=[{"key": "page", "value": "1", "overridable": True}, {"key": "fixed", "value": "f"}],
                        headers=[{"key": "X-Trace", "value": "none", "overridable": True}])]}
    )  # fmt: skip
    gateway.call(
        permalink,
        "POST",
        "page=2&fixed=g&other=1",
        headers={"Content-Type": "text/x", "X-Trace": "t1", "X-Other": "o", "Accept": "a/b"},
        body=b"payload",
    )
    received = api.requests[0]
    assert (received.target, received.body) == ("/x?page=2&fixed=f", b"")
    assert received.values("x-trace") == ["t1"]
    assert received.values("x-other") == []
    assert received.values("content-type") == []
    assert "a/b" not in received.values("accept")


def test_a_response_template_replaces_the_body_that_later_steps_see(gateway: Gateway, api: FakeApi) -> None:
    api.reply_with(200, JSON, '{"id": "c1"}', path="/a")
    api.reply_with(200, JSON, '{"id": "c2"}', path="/b")
    answer = run(
        gateway,
        [
            step("a", f"{api.origin}/a", response_body="{{ (response.body | from_json).id }}"),
            step(
                "b",
                f"{api.origin}/b?from={{{{ steps.a.body }}}}",
                response_body="{{ steps.a.body }}+{{ (response.body | from_json).id }}",
                response_content_type="text/plain",
            ),
        ],
    )
    assert (answer.status, answer.body) == (200, b"c1+c2")
    assert answer.header("content-type") == "text/plain"
    assert api.requests[1].target == "/b?from=c1"


PREFIX = "Composite step 'second' (index 1): "


@pytest.mark.parametrize(
    ("members", "status", "code", "scope"),
    [
        ({"url": "{api}/status/404"}, 502, "UPSTREAM_HTTP_ERROR", "Downstream (HTTP error)"),
        ({"url": "{api}/status/503"}, 502, "UPSTREAM_HTTP_ERROR", "Downstream (HTTP error)"),
        ({"url": "{api}/slow/30"}, 502, "UPSTREAM_TIMEOUT", "Downstream (network/external service)"),
        ({"url": "http://127.0.0.1:9"}, 502, "UPSTREAM_UNREACHABLE", "Downstream (network/external service)"),
        ({"url": "{api}/x?{{ 'x' | from_json }}"}, 422, "REQUEST_TEMPLATE_FAILED", "Configuration (template rendering)"),
        ({"url": "{api}/x", "response_body": "{{ 'x' | from_json }}"}, 422, "RESPONSE_TEMPLATE_FAILED", "Configuration (template rendering)"),
        ({"url": "{api}/x", "when": "'x' | from_json"}, 422, "REQUEST_TEMPLATE_FAILED", "Configuration (template rendering)"),
        ({"url": "{api}/x", "headers": [{"key": "A", "value": "{{ get_secret('none') }}"}]}, 422, "SECRET_NOT_FOUND", "Configuration (template rendering)"),
        ({"url": "{api}/x", "authentication": {"type": "jwt", "config": {"private_key": "{{ get_secret('step_key') }}", "algorithm": "RS256", "claims": {"a": "b"}}}},
         422, "SIGNING_FAILED", "Authentication (JWT signing)"),
        ({"url": "{api}/x", "authentication": {"type": "oauth_client_credentials", "config": {"client_id": "{{ get_secret('step_key') }}", "client_secret": "{{ get_secret('step_key') }}", "token_url": "{api}/status/400"}}},
         502, "TOKEN_REQUEST_FAILED", "Authentication (token request)"),
    ],
)  # fmt: skip
def test_the_first_failure_stops_everything(
    gateway: Gateway, api: FakeApi, members: dict[str, Any], status: int, code: str, scope: str
) -> None:
    second = json.loads(json.dumps(members).replace("{api}", api.origin))
    answer = run(
        gateway,
        [
            step("first", f"{api.origin}/first"),
            {"name": "second", **second},
            step("third", f"{api.origin}/third", method="POST"),
        ],
    )
    errors = answer.json["errors"]
    assert (answer.status, errors["code"], errors["scope"]) == (status, code, PREFIX + scope)
    assert "/third" not in [request.path for request in api.requests]
    assert b"/first" not in answer.body
    names = re.findall(r"step\.([a-z]+);dur=[0-9.]+;desc=\"Step: ", answer.header("server-timing") or "")
    assert names == ["first", "second"]


def test_timing(gateway: Gateway, api: FakeApi) -> None:
    answer = run(
        gateway,
        [
            step("auth", f"{api.origin}/a"),
            step("fetch-user", f"{api.origin}/{{{{ steps.auth.status_code }}}}"),
        ],
    )
    assert re.fullmatch(
        r'step\.auth;dur=\d+\.\d;desc="Step: auth", step\.fetch-user;dur=\d+\.\d;desc="Step: fetch-user", '
        r'total;dur=\d+\.\d;desc="Total"',
        answer.header("server-timing") or "",
    )
    timing = json.loads(answer.header("x-connector-timing") or "")
    assert [(entry["name"], entry["index"], entry["external_host"]) for entry in timing["steps"]] == [
        ("auth", 0, "127.0.0.1"),
        ("fetch-user", 1, "127.0.0.1"),
    ]
    assert timing["internal_ms"] == pytest.approx(timing["total_ms"] - timing["external_ms"], abs=0.051)
    assert answer.header("x-request-id") == timing["request_id"]


def test_independent_steps_wait_side_by_side(gateway: Gateway, api: FakeApi) -> None:
    """Three steps of 0.8 s each do not fit one after the other into the deadline of 2 s."""
    slow = f"{api.origin}/slow/0.8"
    answer = run(
        gateway,
        [step("a", slow), step("b", slow), step("c", slow, response_body="{{ steps.a.status_code }}")],
    )
    assert (answer.status, answer.body) == (200, b"200")


@pytest.mark.parametrize(
    "last",
    [
        {"method": "POST"},
        {"url": "{api}/slow/0.8?{{ steps.a.status_code }}{{ steps.b.status_code }}"},
        {"request_body": "", "when": "steps.values() | list"},
    ],
    ids=["a method that writes", "reads both", "reads steps as a whole"],
)
def test_dependent_steps_wait_for_each_other_and_the_deadline_ends_them(
    gateway: Gateway, api: FakeApi, last: dict[str, Any]
) -> None:
    slow = f"{api.origin}/slow/0.8"
    url = last.pop("url", slow).replace("{api}", api.origin)
    answer = run(
        gateway,
        [
            step("a", slow),
            step("b", f"{slow}?{{{{ steps.a.status_code }}}}"),
            {**step("c", slow), **last, "url": url},
        ],
    )
    errors = answer.json["errors"]
    assert (answer.status, errors["code"]) == (502, "UPSTREAM_TIMEOUT")
    assert errors["scope"] == "Composite step 'c' (index 2): Downstream (network/external service)"
    assert errors["detail"] == "the steps did not end within 2 s together"
    assert json.loads(answer.header("x-connector-timing") or "")["timeout"] is True


def test_the_first_failure_in_order_is_the_answer_not_the_first_in_time(
    gateway: Gateway, api: FakeApi
) -> None:
    api.reply_with(500, path="/quick")
    answer = run(gateway, [step("slow", f"{api.origin}/slow/30"), step("quick", f"{api.origin}/quick")])
    assert answer.json["errors"]["scope"].startswith("Composite step 'slow' (index 0)")


@pytest.mark.parametrize(
    ("when", "runs"),
    [
        ("steps.first.status_code == 200", True),
        ("{{ steps.first.status_code == 200 }}", True),
        ("steps.first.status_code != 200", False),
        ("request.query_parameters.more", False),
        ("user.email and get_variable('region') == 'eu'", False),
        ("get_variable('region') == 'eu'", True),
        ("'[]' | from_json", False),
    ],
)
def test_a_condition_leaves_a_step_out(gateway: Gateway, api: FakeApi, when: str, runs: bool) -> None:
    answer = run(
        gateway,
        [
            step("first", f"{api.origin}/first"),
            step("second", f"{api.origin}/second", when=when),
            step("third", f"{api.origin}/third?second={{{{ steps.second.status_code }}}}"),
        ],
        user={"sub": "u"},
    )
    assert answer.status == 200
    expected = ["/first", "/second", "/third?second=200"] if runs else ["/first", "/third?second="]
    assert sorted(request.target for request in api.requests) == expected
    assert ("(skipped)" in (answer.header("server-timing") or "")) is not runs


def test_the_reply_is_that_of_the_last_step_that_ran(gateway: Gateway, api: FakeApi) -> None:
    steps = [step("a", f"{api.origin}/a"), step("b", f"{api.origin}/b", when="false")]
    assert run(gateway, steps).json["path"] == "/a"
    assert run(gateway, [step("a", f"{api.origin}/a", when="false")]).status == 204


def test_steps_with_equal_credentials_share_a_token(gateway: Gateway) -> None:
    with OAuthServer() as oauth, FakeApi(accepts=oauth.accepts) as api:
        gateway.secret("oauth_secret", "oauth-client-secret-5d1f")
        oauth.add_client("c", "oauth-client-secret-5d1f")
        authentication = {
            "type": "oauth_client_credentials",
            "config": {"client_id": "c", "client_secret": "{{ get_secret('oauth_secret') }}", "token_url": oauth.token_url},
        }  # fmt: skip
        steps = [
            step(name, f"{api.origin}/protected/{name}", authentication=authentication) for name in ("a", "b")
        ]
        assert run(gateway, steps).status == 200
        assert len(oauth.token_requests) == 1
        assert api.requests[0].values("authorization") == api.requests[1].values("authorization")


@pytest.mark.parametrize("template", ["url", "when", "headers", "request_body"])
def test_anonymous_callers_are_refused_where_a_step_reads_the_user(
    gateway: Gateway, api: FakeApi, template: str
) -> None:
    members: dict[str, Any] = {
        "url": {"url": f"{api.origin}/{{{{ user.id }}}}"},
        "when": {"when": "user.id"},
        "headers": {"headers": [{"key": "X-U", "value": "{{user.id}}"}]},
        "request_body": {"method": "POST", "request_body": "{% if user.id %}x{% endif %}"},
    }[template]
    answer = run(gateway, [step("a", f"{api.origin}/a"), {**step("b", f"{api.origin}/b"), **members}])
    assert (answer.status, answer.code) == (401, "USER_REQUIRED")
    assert api.requests == []


def test_composites_take_post(gateway: Gateway, api: FakeApi) -> None:
    permalink = gateway.connector({"steps": [step("a", f"{api.origin}/a")]})
    answer = gateway.call(permalink)
    assert (answer.status, answer.code, answer.header("allow")) == (405, "METHOD_NOT_ALLOWED", "POST")


def test_explain_shows_every_step_and_no_secret(gateway: Gateway, api: FakeApi) -> None:
    api.reply_with(401, path="/second")
    answer = gateway.test(
        connector={
            "name": "Unsaved",
            "steps": [
                step("first", f"{api.origin}/first", headers=[{"key": "X-Key", "value": "{{ get_secret('step_key') }}"}]),
                step("left-out", f"{api.origin}/x", when="false"),
                step("second", f"{api.origin}/second?v={{{{ steps.nope.body }}}}"),
                step("third", f"{api.origin}/third", method="DELETE"),
            ],
        }
    )  # fmt: skip
    assert answer.status == 502
    explain = answer.json["explain"]
    assert [(entry["name"], entry["skipped"]) for entry in explain["steps"]] == [
        ("first", False),
        ("left-out", True),
        ("second", False),
    ]
    assert explain["steps"][0]["request"]["headers"]["X-Key"] == "$STEP_KEY"
    assert explain["steps"][2]["response"]["status"] == 401
    assert explain["not_reached"] == ["third"]
    assert explain["warnings"][0]["path"] == "steps.2.url"
    assert any(hint.startswith("step second: the API wants a credential") for hint in explain["hints"])
    assert answer.json["debug_request"]["steps"][0]["headers"]["X-Key"] == "{{ get_secret('step_key') }}"
    assert json.loads(answer.header("x-debug-request") or "") == answer.json["debug_request"]


def test_bytes_that_are_no_text(gateway: Gateway, api: FakeApi) -> None:
    steps = [
        step("bytes", f"{api.origin}/bytes/300"),
        step("last", f"{api.origin}/x?none={{{{ steps.bytes.body is none }}}}"),
    ]
    run(gateway, steps)
    assert api.requests[1].target == "/x?none=True"
    assert len(run(gateway, steps[:1]).body) == 300
