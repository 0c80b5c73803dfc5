"""Explain's `curl` line, imported, is a connector that sends the same request."""

import json
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealgate.execution.engine import Engine
from sealgate.execution.trial import TestRequest
from sealgate.importing.curl import import_curl
from sealgate.importing.naming import Names
from sealgate.secret import Secret
from sealgate.settings import Settings
from sealgate.testing import FakeApi

TRICKY = st.sampled_from(["{{ x }}", "{% if", "a{#b", "$HOME", "it's", '"quoted"', "\\", "a\r\n{{b", "50%&+"])
TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Co")), max_size=20) | TRICKY
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20).map(
    str.strip
) | st.sampled_from(["{{ x }}", "$HOME", "it's", "a\\"])
NAME = st.text("abcxyz-", min_size=1, max_size=8).filter(lambda name: name.strip("-") == name)
VALUES = {"acme_token": "value-of-the-token", "other": "another value"}
KEYS = st.sampled_from(
    [
        None,
        {"key": "X-Api-Key", "value": "{{ get_secret('acme_token') }}", "in": "header"},
        {"key": "Authorization", "value": "Bearer {{ get_secret('acme_token') }}", "in": "header"},
        {"key": "api_key", "value": "{{ get_secret('acme_token') }}", "in": "query"},
        {
            "key": "X-Both",
            "value": "{{ get_secret('acme_token') }}.{{ get_secret('other') }}",
            "in": "header",
        },
    ]
)


def escaped(text):
    return text.replace("{", "{{ '{' }}")


def rows(names, values, **more):
    return st.dictionaries(names, values, max_size=3).map(
        lambda pairs: [{"key": key, "value": escaped(value)} for key, value in pairs.items()]
    )


BODY = TEXT.map(lambda text: json.dumps({"text": text})) | TEXT
DOCUMENTS = st.fixed_dictionaries(
    {
        "headers": rows(NAME.map(lambda name: f"Q-{name}"), ASCII),
        "query_parameters": rows(NAME, TEXT),
        "method": st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
        "request_body": BODY.map(escaped),
        "key": KEYS,
    }
)


def document_of(parts, origin):
    document = {**parts, "name": "round", "url": f"{origin}/a/b%20c?x[]=1&x[]=2"}
    key = document.pop("key")
    document["headers"] = [*document["headers"], {"key": "Content-Type", "value": "text/x-plain"}]
    return document | ({"authentication": {"type": "api_key", "config": key}} if key else {})


def seen(request):
    path, _, query = request.target.partition("?")
    headers = {name.lower(): value for name, value in request.headers}
    for name in ("host", "content-length", "user-agent", "accept-encoding"):
        headers.pop(name, None)
    return request.method, path, sorted(parse_qsl(query, keep_blank_values=True)), headers, request.body


@pytest.fixture
async def engine(tmp_path):
    configured = Settings(data=tmp_path, egress_allow=("http://127.0.0.1:*",))
    async with await Engine.start(configured) as running:
        for name, value in VALUES.items():
            await running.store.put_secret("default", name, Secret(value), actor="test")
        await running.refresh()
        yield running


@pytest.fixture
def api():
    with FakeApi() as running:
        yield running


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(parts=DOCUMENTS)
async def test_explained_curl_imports_back(engine, api, parts):
    first = await engine.test("default", document_of(parts, api.origin), TestRequest())
    assert first.error is None, first.error
    proposal = import_curl(first.explain["curl"], Names())
    assert not [secret for secret in proposal.secrets if secret.name not in VALUES]
    second = await engine.test("default", proposal.document, TestRequest())
    assert second.error is None, (second.error, first.explain["curl"])
    assert seen(api.requests[-1]) == seen(api.requests[-2]), first.explain["curl"]
