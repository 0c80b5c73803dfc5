"""Every way in which a call fails, with the fields that the page gets."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

JSON = [("Content-Type", "application/json")]


def fail(page, call, client=None):
    return page.attempt("return await make(x.client).execute(x.call)", {"call": call, "client": client or {}})


# -- Sealgate's own --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        (
            {"permalink": "posts", "method": "GET", "pathParams": {"user_id": 1}},
            {"status": 400, "code": "MISSING_PATH_PARAMETERS", "params": ["post_slug"]},
        ),
        (
            {"permalink": "posts", "method": "GET", "pathParams": {"user_id": "a/b", "post_slug": "x"}},
            {"status": 400, "code": "INVALID_PATH_PARAMETERS", "params": ["user_id"]},
        ),
        ({"permalink": "misconfigured", "method": "GET"}, {"status": 400, "code": "CONNECTOR_MISCONFIGURED"}),
        ({"permalink": "mine", "method": "GET"}, {"status": 401, "code": "USER_REQUIRED"}),
        ({"permalink": "get", "method": "POST"}, {"status": 405, "code": "METHOD_NOT_ALLOWED"}),
        (
            {"permalink": "unknown-secret", "method": "GET"},
            {
                "status": 422,
                "code": "SECRET_NOT_FOUND",
                "failureScope": "Configuration (template rendering)",
            },
        ),
        (
            {"permalink": "broken-template", "method": "GET"},
            {
                "status": 422,
                "code": "RESPONSE_TEMPLATE_FAILED",
                "failureScope": "Configuration (response template rendering)",
            },
        ),
        (
            {"permalink": "closed", "method": "GET"},
            {
                "status": 502,
                "code": "UPSTREAM_UNREACHABLE",
                "failureScope": "Downstream (network/external service)",
            },
        ),
        (
            {"permalink": "slow", "method": "GET"},
            {
                "status": 502,
                "code": "UPSTREAM_TIMEOUT",
                "failureScope": "Downstream (network/external service)",
            },
        ),
    ],
    ids=lambda value: value.get("code", ""),
)
def test_an_envelope(page, call, fields):
    thrown = fail(page, call)
    assert fields.items() <= thrown.items()
    assert (thrown["thrown"], thrown["name"]) == ("ConnectorExecuteError", "ConnectorExecuteError")
    assert thrown["isError"] and len(thrown["requestId"]) == 36
    assert thrown["body"]["request_id"] == thrown["requestId"]
    for part in (call["permalink"], str(fields["status"]), fields["code"], thrown.get("detail") or ""):
        assert part in thrown["message"]


@pytest.mark.parametrize(
    ("permalink", "client", "code"),
    [("nowhere", {}, "CONNECTOR_NOT_FOUND"), ("get", {"baseUrl": "{origin}/wrong"}, None)],
)
def test_what_is_not_there_is_a_plain_error(page, world, permalink, client, code):
    client = {name: value.format(origin=world.origin) for name, value in client.items()}
    thrown = fail(page, {"permalink": permalink, "method": "GET"}, client)
    assert (thrown["name"], thrown["isError"], thrown.get("code")) == ("Error", True, code)
    assert "status" not in thrown
    if code:
        assert len(thrown["requestId"]) == 36


def test_the_older_envelope(page, world):
    """As it came from the original, which is also seen without exposed headers."""
    script = """const real = fetch;
    globalThis.fetch = async () => Response.json(x, { status: 500 });
    try { return await make().execute({ permalink: "get", method: "GET" }); }
    finally { globalThis.fetch = real; }"""
    envelope = {"failure_scope": "Downstream", "reason": "refused", "request_id": "r-1"}
    thrown = page.attempt(script, envelope)
    assert thrown["thrown"] == "ConnectorExecuteError"
    expected = {"status": 500, "failureScope": "Downstream", "reason": "refused", "requestId": "r-1"}
    assert expected.items() <= thrown.items()


# -- the API's -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "body", "shown"),
    [
        (404, "application/json", b'{"why": "gone"}', {"why": "gone"}),
        (404, "application/json", b'{"errors": {"code": "NOT_FOUND"}}', {"errors": {"code": "NOT_FOUND"}}),
        (400, "text/plain", b"no", "no"),
        (500, "application/json", b"<oops>", "<oops>"),
        (503, "text/html", b"", None),
        (422, "application/problem+json", b'{"title": "x", "errors": []}', {"title": "x", "errors": []}),
        (302, "application/json", b"{}", {}),
    ],
)  # fmt: skip
def test_a_status_of_the_api(page, world, status, kind, body, shown):
    world.api.reply_with(status, [("Content-Type", kind)], body, path="/scripted")
    thrown = fail(page, {"permalink": "scripted", "method": "GET"})
    assert (thrown["thrown"], thrown["status"], thrown["body"]) == ("ConnectorExecuteError", status, shown)
    assert thrown.get("code") is None and len(thrown["requestId"]) == 36
    assert thrown["message"] == f"scripted: {status}"


def test_a_binary_error_page(page, world):
    world.api.reply_with(500, [("Content-Type", "image/png")], b"\x00\xff", path="/scripted")
    script = """try { await make().execute({ permalink: "scripted", method: "GET" }); }
    catch ({ body }) { return [body.type, body.size]; }"""
    assert page.run(script) == ["image/png", 2]


def test_raw_rejects_as_well(page):
    thrown = fail(page, {"permalink": "teapot", "method": "GET", "raw": True})
    assert (thrown["thrown"], thrown["status"]) == ("ConnectorExecuteError", 418)


def test_json_that_is_none(page, world):
    world.api.reply_with(200, JSON, b"{", path="/scripted")
    thrown = fail(page, {"permalink": "scripted", "method": "GET"})
    assert (thrown["thrown"], thrown["status"], thrown["body"]) == ("ConnectorExecuteError", 200, "{")
    assert "no JSON" in thrown["detail"]


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [("7", 7, 7), ("0", 0, 0), ("date", 50, 60), ("soon", None, None), ("past", None, None)],
)
def test_retry_after(page, world, value, least, most):
    moments = {"date": timedelta(seconds=60), "past": timedelta(seconds=-60)}
    if value in moments:
        value = format_datetime(datetime.now(UTC) + moments[value], usegmt=True)
    world.api.reply_with(429, [*JSON, ("Retry-After", value)], "{}", path="/scripted")
    found = fail(page, {"permalink": "scripted", "method": "GET"}).get("retryAfter")
    assert found is None if least is None else least <= found <= most


# -- time and the network --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "client"),
    [({"timeout": 80}, {}), ({}, {"timeout": 80}), ({"timeout": 80}, {"timeout": 30000})],
)
@pytest.mark.parametrize("raw", [False, True])
def test_the_client_s_timeout(page, call, client, raw):
    thrown = fail(page, {"permalink": "slow", "method": "GET", "raw": raw, **call}, client)
    assert (thrown["name"], thrown["isError"]) == ("TimeoutError", True)
    assert thrown["message"] == "slow: no reply within 80 ms"


def test_the_timeout_counts_the_wait_for_a_token(page):
    script = """const getToken = () => new Promise(() => {});
    return await make({ getToken, timeout: 50 }).execute({ permalink: "get", method: "GET" });"""
    assert page.attempt(script)["message"] == "get: no reply within 50 ms"


def test_the_default_timeout_may_be_set(page):
    script = """const client = make();
    const before = client.getDefaultTimeout();
    client.setDefaultTimeout(60);
    try { await client.execute({ permalink: "slow", method: "GET" }); }
    catch (error) { return [before, client.getDefaultTimeout(), error.message]; }"""
    assert page.run(script) == [30000, 60, "slow: no reply within 60 ms"]


@pytest.mark.parametrize("already", [True, False])
def test_the_caller_s_signal(page, already):
    script = """const stop = new AbortController();
    if (x) stop.abort(); else setTimeout(() => stop.abort(), 30);
    return await make().execute({ permalink: "slow", method: "GET", signal: stop.signal });"""
    assert page.attempt(script, already)["name"] == "AbortError"


def test_the_signal_s_own_reason(page):
    script = """return await make().execute({
        permalink: "get", method: "GET", signal: AbortSignal.abort(new RangeError("left the page")) });"""
    assert page.attempt(script)["message"] == "left the page"


def test_nobody_listens(page):
    thrown = fail(page, {"permalink": "get", "method": "GET"}, {"baseUrl": "http://127.0.0.1:1"})
    assert (thrown["thrown"], thrown["name"]) == ("Error", "Error")
    assert "http://127.0.0.1:1 cannot be reached" in thrown["message"]


def test_a_reply_that_breaks_off(page, upstream):
    def half():
        yield b"x" * 100_000
        raise ConnectionError

    upstream.say("text/plain", half())
    thrown = fail(page, {"permalink": "upstream", "method": "GET"})
    assert (thrown["thrown"], thrown["name"]) == ("Error", "Error")
    assert "cannot be reached" in thrown["message"]


# -- the boundary ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"": 1}, "name is empty"),
        ({" \t": 1}, "name is empty"),
        ({"a": None}, "pathParams.a"),
        ({"a": True}, "pathParams.a"),
        ({"a": {}}, "pathParams.a"),
        ({"a": ["1"]}, "pathParams.a"),
        ({"a": "x" * 4095}, "4096"),
        ({"a": "é" * 700}, "4096"),
        (["a"], "pathParams"),
        ("a=1", "pathParams"),
    ],
)
def test_path_parameters_that_cannot_be_sent(page, world, values, reason):
    thrown = fail(page, {"permalink": "posts", "method": "GET", "pathParams": values})
    assert (thrown["thrown"], thrown["name"]) == ("ConnectorBoundaryError", "ConnectorBoundaryError")
    assert thrown["isError"] and reason in thrown["reason"] == thrown["message"]
    assert world.api.requests == []


def test_an_undefined_path_parameter(page):
    script = (
        'return await make().execute({ permalink: "posts", method: "GET", pathParams: { a: undefined } })'
    )
    assert page.attempt(script)["name"] == "ConnectorBoundaryError"


@pytest.mark.parametrize(("values", "result"), [({}, "/get"), (None, "/get"), ({"a": "x" * 4094}, "/get")])
def test_path_parameters_at_the_boundary(page, values, result):
    call = {"permalink": "get", "method": "GET", "pathParams": values}
    assert fail(page, call)["target"] == result


def test_faults_reject_and_are_not_thrown(page):
    script = """const promise = make().execute({ permalink: "get", method: "GET", pathParams: { "": 1 } });
    return await promise.then(() => "resolved", (error) => error.name);"""
    assert page.run(script) == "ConnectorBoundaryError"


def test_the_error_of_a_script_names_the_envelope(page):
    """`message` is what an error console shows."""
    thrown = fail(page, {"permalink": "posts", "method": "GET"})
    assert thrown["message"].startswith("posts: 400 MISSING_PATH_PARAMETERS send a value for each")
    assert sorted(thrown["params"]) == ["post_slug", "user_id"]
