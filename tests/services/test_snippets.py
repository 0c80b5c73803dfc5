"""Snippets: each is read by the language that it is in, with hostile names."""

import ast
import json
import subprocess

import pytest

from sealgate.errors import ConnectorNotFound, RequestInvalid
from sealgate.importing.curl_command import read_commands
from sealgate.importing.proposal import Notes
from sealgate.services.connectors import put_connector
from sealgate.services.snippets import snippets_of

HOSTILE = 'it\'s </script> "$(x)" `y` ${z} \\ é\n'
SIMPLE = {
    "name": "Ideas",
    "url": "https://api.example.com/ideas/{{ pathParams.idea_id }}",
    "path_parameters": [{"key": "idea_id"}],
    "query_parameters": [
        {"key": "q", "value": "", "overridable": True},
        {"key": "limit", "value": "10", "overridable": True},
        {"key": "fixed", "value": ""},
    ],
}
POST = {"name": "Ideas", "url": "https://api.example.com/ideas", "method": "POST"}
FIXED_BODY = POST | {"request_body": '{"a": 1}'}
READ_BODY = POST | {"request_body": "{{ body_text }}"}
NASTY = {
    "name": "Ideas",
    "url": "https://api.example.com/ideas",
    "method": "POST",
    "query_parameters": [{"key": HOSTILE, "overridable": True}],
}
COMPOSITE = {"name": "Ideas", "steps": [{"name": "a", "url": "https://api.example.com/a"}]}


async def texts(engine, document, tenant="default", **more):
    await put_connector(engine, tenant, "ideas", document, actor="test")
    return {snippet.name: snippet.text for snippet in await snippets_of(engine, tenant, "ideas", **more)}


def curl_of(text):
    notes = Notes()
    (command,) = read_commands(text, notes)
    assert not notes.faults
    return command


def called(text, name):
    """The arguments of the call of this name in Python source, as values."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == name:
            values = [ast.literal_eval(each) for each in node.args]
            named = {each.arg: each.value for each in node.keywords}
            return values, {key: ast.literal_eval(value) for key, value in named.items() if key != "headers"}
    raise AssertionError(f"no call of {name}")


def options_of(text):
    """What node hands to `execute`, with a client that only listens."""
    first, *rest = text.splitlines()
    assert first.startswith("import { createClient } from ")
    listen = "const heard = { execute: (options) => console.log(JSON.stringify(options)) };"
    client = "const createClient = () => ({ connectors: { ...heard, composite: heard } });"
    script = "\n".join([listen, client, *rest])
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


CALLS = pytest.mark.parametrize(
    ("document", "query", "path_params", "payload"),
    [
        (SIMPLE, {"q": "your-q"}, {"idea_id": "your-idea-id"}, None),
        (POST, {}, {}, {}),
        (FIXED_BODY, {}, {}, None),
        (READ_BODY, {}, {}, {}),
        (NASTY, {HOSTILE: "your-it-s-script-x-y-z"}, {}, {}),
        (COMPOSITE, {}, {}, {}),
    ],
)


@CALLS
async def test_curl(engine, document, query, path_params, payload):
    from urllib.parse import parse_qsl

    command = curl_of((await texts(engine, document))["curl"])
    assert command.url == "http://127.0.0.1:8080/connectors/ideas/execute"
    assert dict(parse_qsl(command.query)) == query
    assert dict(parse_qsl(command.header("X-Path-Params") or "")) == path_params
    assert command.body == (None if payload is None else "{}")
    assert command.method == ("POST" if "steps" in document else document.get("method", "GET"))
    assert command.header("Authorization").startswith("Bearer \ue000SEALGATE_TOKEN")


@CALLS
async def test_python(engine, document, query, path_params, payload):
    found = await texts(engine, document)
    values, named = called(found["python"], "execute")
    assert values == ["ideas"]
    assert (named.get("query", {}), named.get("path_params", {})) == (query, path_params)
    assert named.get("json") == payload
    (url,), request = called(found["python-http"], "Request")
    assert url.startswith("http://127.0.0.1:8080/connectors/ideas/execute")
    assert request.get("data") == (None if payload is None else b"{}")


@CALLS
async def test_sdk(engine, document, query, path_params, payload):
    text = (await texts(engine, document))["sdk"]
    assert len(text.splitlines()) == 3 and "</script" not in text
    options = options_of(text)
    assert options["permalink"] == "ideas"
    assert options.get("queryParams", {}) == query
    assert options.get("pathParams", {}) == path_params
    assert options.get("payload") == payload
    assert ("method" in options) != ("steps" in document)


async def test_another_gateway_and_tenant(engine):
    found = await texts(engine, SIMPLE, tenant="acme", gateway="https://gateway.example/base/")
    for name in ("curl", "sdk", "python-http"):
        assert "https://gateway.example/base/t/acme/" in found[name]
    assert "tenant='acme'" in found["python"]


@pytest.mark.parametrize("gateway", ["javascript:alert(1)", "https://a/?x", "https://a b"])
async def test_a_gateway_that_is_no_url(engine, gateway):
    with pytest.raises(RequestInvalid, match="gateway"):
        await texts(engine, SIMPLE, gateway=gateway)


async def test_an_unknown_connector(engine):
    with pytest.raises(ConnectorNotFound):
        await snippets_of(engine, "default", "nothing")
