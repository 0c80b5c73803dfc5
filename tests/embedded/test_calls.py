"""What a call sends, what comes back, and a test that explains it."""

from __future__ import annotations

import pytest

from sealgate import errors
from sealgate.testing import ConnectProxy

ADA = {"sub": "7", "email": "ada@example.com", "given_name": "Ada"}
CANARY = "s3cret-canary-of-a-script"
KEYED = {"headers": [{"key": "X-Key", "value": "{{ get_secret('KEY') }}"}]}

IDEA = {
    "name": "Idea",
    "method": "POST",
    "path_parameters": [{"key": "id"}],
    "headers": [
        {"key": "X-User", "value": "{{ user.email | default('nobody') }}"},
        {"key": "X-Lang", "value": "en", "overridable": True},
    ],
}


@pytest.mark.parametrize(
    ("call", "target", "body", "headers"),
    [
        ({}, "/ideas/1", b"", {"Content-Type": None, "X-Lang": "en"}),
        ({"query": {"q": "Łódź", "tag": ["a", "b"]}}, "/ideas/1?q=%C5%81%C3%B3d%C5%BA&tag=a&tag=b", b"", {}),
        ({"query": [("a", 1), ("a", 2)]}, "/ideas/1?a=1&a=2", b"", {}),
        ({"query": "f[x][]=%2F"}, "/ideas/1?f[x][]=%2F", b"", {}),
        ({"json": {"b": "ł"}}, "/ideas/1", '{"b": "ł"}'.encode(), {"Content-Type": "application/json"}),
        ({"json": "text"}, "/ideas/1", b'"text"', {"Content-Type": "application/json"}),
        ({"json": 0, "headers": {"content-type": "x/y"}}, "/ideas/1", b"0", {"Content-Type": "x/y"}),
        ({"body": b"\x00\xff"}, "/ideas/1", b"\x00\xff", {"Content-Type": None}),
        ({"body": "ł", "headers": {"X-Lang": "pl"}}, "/ideas/1", "ł".encode(), {"X-Lang": "pl"}),
        ({"user": ADA}, "/ideas/1", b"", {"X-User": "ada@example.com"}),
        ({"user": {}, "headers": {"Cookie": "a=b"}}, "/ideas/1", b"", {"X-User": "nobody", "Cookie": None}),
    ],
)
async def test_what_a_call_sends(embedded, api, call, target, body, headers):
    document = {**IDEA, "url": f"{api.origin}/ideas/{{{{ pathParams.id }}}}"}
    async with embedded(document) as gateway:
        await gateway.execute("idea", path_params={"id": 1}, **{"user": ADA, **call})
    (received,) = api.requests
    assert (received.method, received.target, received.body) == ("POST", target, body)
    assert {name: received.header(name) for name in headers} == headers


async def test_a_reply(embedded, api):
    links = [("Link", "<a>"), ("Link", "<b>"), ("Content-Type", "application/json"), ("Set-Cookie", "x=1")]
    api.reply_with(404, links, '{"reason": "none"}')
    async with embedded({"url": api.origin}) as gateway:
        reply = await gateway.execute("weather")
    assert (reply.status, reply.content, reply.text) == (404, b'{"reason": "none"}', '{"reason": "none"}')
    assert reply.json() == {"reason": "none"}
    assert reply.headers["CONTENT-TYPE"] == "application/json" and reply.headers["link"] == "<a>, <b>"
    assert "set-cookie" not in reply.headers and "server-timing" in reply.headers
    assert reply.timing["request_id"] == reply.request_id and reply.timing["external_host"] == "127.0.0.1"
    with pytest.raises(AttributeError):
        reply.status = 200


async def test_templates_reshape_what_goes_and_comes(embedded, api):
    document = {
        "url": api.origin,
        "method": "POST",
        "request_body": '{"to": "{{ (body_text | from_json).name }}", "t": "{{ tenant_id }}"}',
        "response_body": "{{ (response.body | from_json).body }} {{ response.status_code }}",
        "response_content_type": "text/plain",
    }
    async with embedded(document, tenant="acme") as gateway:
        reply = await gateway.execute("weather", json={"name": 'O"Brien'})
    assert api.requests[0].body == b'{"to": "O\\"Brien", "t": "acme"}'
    assert reply.text == '{"to": "O\\"Brien", "t": "acme"} 200'
    assert reply.headers["Content-Type"] == "text/plain"


async def test_a_stream_gives_the_content_as_it_arrives(embedded, api):
    async with embedded({"url": f"{api.origin}/stream/5000"}) as gateway:
        async with gateway.stream("weather") as stream:
            assert stream.status == 200
            received = b"".join([chunk async for chunk in stream.chunks])
        assert received == b"".join(b"line %d\n" % number for number in range(5000))
        async with gateway.stream("weather") as stream:
            assert (await anext(stream.chunks)).startswith(b"line 0\n")
        assert (await gateway.execute("weather")).content == received


async def test_a_test_explains_the_run(embedded, api):
    secrets = {"KEY": CANARY, "later": "second-" + CANARY}
    async with embedded({"url": api.origin, **KEYED}, secrets=secrets.get) as gateway:
        result = await gateway.test("weather", query={"q": "Warsaw"})
        assert (result.status, api.requests[0].target) == (200, "/?q=Warsaw")
        assert "$KEY" in result.explain["curl"]
        document = {
            "name": "New",
            "url": api.origin,
            "headers": [{"key": "Y", "value": "{{ get_secret('later') }}"}],
        }
        assert (await gateway.test(document)).error is None
        assert api.requests[-1].header("Y") == secrets["later"]
        assert gateway.permalinks == ("weather",)
        with pytest.raises(errors.DocumentInvalid):
            await gateway.test({"name": "New"})


async def test_a_composite_connector(embedded, api):
    steps = [
        {"name": "first", "url": f"{api.origin}/first"},
        {"name": "second", "url": f"{api.origin}/{{{{ (steps.first.body | from_json).path }}}}"},
    ]
    async with embedded({"name": "Both", "steps": steps}) as gateway:
        reply = await gateway.execute("both")
        api.reply_with(503, path="/first")
        with pytest.raises(errors.UpstreamHttpError) as raised:
            await gateway.execute("both")
    assert reply.json()["path"] == "/%2Ffirst" and "'first' (index 0)" in raised.value.scope


async def test_calls_go_by_the_proxy_that_is_named(embedded, api):
    with ConnectProxy(user="me", password=CANARY) as proxy:
        url = proxy.url.replace("://", f"://me:{CANARY}@")
        async with embedded({"name": "A", "url": api.origin}, egress_proxy=url) as gateway:
            assert (await gateway.execute("a")).status == 200
            assert CANARY not in repr(vars(gateway))
        assert proxy.targets == [api.origin.removeprefix("http://")]
