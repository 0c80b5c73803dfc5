"""`connectors.execute` from a page of another site: what the API receives, and what the page gets."""

import json

import pytest

JSON = [("Content-Type", "application/json")]


def execute(page, call, client=None):
    """The result, or what was thrown."""
    return page.attempt("return make(x.client ?? {}).execute(x.call)", {"call": call, "client": client})


# -- the request -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ({"q": "Warsaw"}, "/get?q=Warsaw"),
        ({}, "/get"),
        ({"q": "a b+c&d=é"}, "/get?q=a%20b%2Bc%26d%3D%C3%A9"),
        ({"page": 2, "draft": False, "none": None, "empty": ""}, "/get?page=2&draft=false&empty="),
        ({"tag": ["a", None, 1, True]}, "/get?tag=a&tag=1&tag=true"),
        ({"tag": []}, "/get"),
        ({"filter[name]": "x"}, "/get?filter%5Bname%5D=x"),
    ],
)
def test_query_parameters(page, world, query, target):
    result = execute(page, {"permalink": "get", "method": "GET", "queryParams": query})
    assert result["target"] == target == world.received("/get").target


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("payload", [{"name": "Zoë", "list": [1, None]}, [1, 2], {}])
def test_payload(page, world, method, payload):
    result = execute(page, {"permalink": method.lower(), "method": method, "payload": payload})
    received = world.received(f"/{method.lower()}")
    assert received.method == method == result["method"]
    assert json.loads(received.body) == payload
    assert received.header("Content-Type") == "application/json"


def test_no_payload(page, world):
    execute(page, {"permalink": "post", "method": "POST"})
    assert world.received("/post").body == b""


def test_a_connector_without_payload(page, world):
    assert execute(page, {"permalink": "delete", "method": "DELETE"})["method"] == "DELETE"


def test_path_parameters(page, world):
    values = {"user_id": 42, "post_slug": "hello-world"}
    result = execute(page, {"permalink": "posts", "method": "GET", "pathParams": values})
    assert result["target"] == "/users/42/posts/hello-world"


@pytest.mark.parametrize(
    ("default", "own", "sent"),
    [
        ({}, {}, "en"),
        ({"x-language": "pl"}, {}, "pl"),
        ({"X-Language": "pl"}, {"x-language": "de"}, "de"),
    ],
)
def test_headers_of_the_client_and_of_the_call(page, world, default, own, sent):
    execute(page, {"permalink": "language", "method": "GET", "headers": own}, {"headers": default})
    assert world.received("/language").values("X-Language") == [sent]


def test_another_content_type(page, world):
    headers = {"content-type": "application/vnd.api+json"}
    execute(page, {"permalink": "post", "method": "POST", "payload": {"a": 1}, "headers": headers})
    assert world.received("/post").header("Content-Type") == "application/vnd.api+json"


# -- the result ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "body", "result"),
    [
        ("application/json", b'{"a": [1]}', {"a": [1]}),
        ("application/problem+json; charset=utf-8", b"[]", []),
        ("APPLICATION/JSON", b"null", None),
        ("application/json", b"", None),
        ("application/json", b"\xef\xbb\xbf7", 7),
        ("text/plain; charset=utf-8", "naïve".encode(), "naïve"),
        ("text/csv", b"a;b", "a;b"),
        ("text/plain", b"", None),
        ("application/xml", b"<a/>", "<a/>"),
        ("image/svg+xml", b"<svg/>", "<svg/>"),
        ("application/octet-stream", b"", None),
    ],
)
def test_the_content_type_decides(page, world, kind, body, result):
    world.api.reply_with(200, [("Content-Type", kind)], body, path="/scripted")
    assert execute(page, {"permalink": "scripted", "method": "GET"}) == result


@pytest.mark.parametrize("status", [204, 205])
def test_a_status_without_content(page, world, status):
    world.api.reply_with(status, path="/scripted")
    assert execute(page, {"permalink": "scripted", "method": "GET"}) is None


def test_head(page, world):
    assert execute(page, {"permalink": "head", "method": "HEAD"}) is None
    assert world.received("/get").method == "HEAD"


def test_binary(page, world):
    script = """const blob = await make().execute({ permalink: "bytes", method: "GET" });
    return [blob.constructor.name, blob.type, [...new Uint8Array(await blob.arrayBuffer())]];"""
    assert page.run(script) == ["Blob", "application/octet-stream", [*range(256)] * 2]


@pytest.mark.parametrize(
    ("permalink", "read", "body"),
    [
        ("lines", "text", "line 0\nline 1\nline 2\n"),
        ("page", "text", "<!doctype html><title>Demo</title><h1>It's a page &amp; no JSON</h1>"),
    ],
)
def test_raw(page, world, permalink, read, body):
    script = """const response = await make().execute({ permalink: x[0], method: "GET", raw: true });
    return [response instanceof Response, response.status, response.bodyUsed, await response[x[1]]()];"""
    assert page.run(script, [permalink, read]) == [True, 200, False, body]


def test_raw_headers_may_be_read(page, world):
    headers = [*JSON, ("Link", '</2>; rel="next"'), ("X-RateLimit-Remaining", "9"), ("ETag", '"1"')]
    world.api.reply_with(200, headers, "{}", path="/scripted")
    script = """const { headers } = await make().execute({ permalink: "scripted", method: "GET", raw: true });
    return x.map((name) => headers.get(name));"""
    timings = ["X-Request-ID", "Server-Timing", "X-Connector-Timing"]
    link, left, tag, *ours = page.run(script, ["Link", "X-RateLimit-Remaining", "ETag", *timings])
    assert (link, left, tag) == ('</2>; rel="next"', "9", '"1"')
    assert all(ours)


# -- composite -------------------------------------------------------------------------------------


def test_composite_is_a_post(page, world):
    script = "return make().composite.execute(x)"
    call = {"permalink": "post", "payload": {"a": 1}, "queryParams": {"q": "x"}, "pathParams": {}}
    result = page.run(script, call)
    assert (result["method"], result["target"], result["body"]) == ("POST", "/post?q=x", '{"a":1}')


def test_composite_takes_no_path_parameters(page, world):
    call = {"permalink": "post", "pathParams": {"a": 1}}
    thrown = page.attempt("return make().composite.execute(x)", call)
    assert thrown["name"] == "ConnectorBoundaryError" and "composite" in thrown["reason"]
    assert world.api.requests == []


def test_a_composite_connector(page, world):
    call = {"permalink": "orders", "payload": {"id": 7}, "queryParams": {"ok": 1}}
    result = page.run("return make().composite.execute(x)", call)
    assert json.loads(result["body"]) == {"customer": {"id": 7}}
    assert [received.path for received in world.api.requests] == ["/contact", "/"]


def test_a_step_that_fails(page):
    call = {"permalink": "orders", "payload": {"id": 7}}
    thrown = page.attempt("return await make().composite.execute(x)", call)
    assert (thrown["name"], thrown["status"]) == ("ConnectorExecuteError", 502)
    assert thrown["failureScope"] == "Composite step 'orders' (index 1): Downstream (HTTP error)"
