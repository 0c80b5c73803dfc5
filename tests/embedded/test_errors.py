"""Errors are raised as the classes of `sealgate.errors`, faults all at once."""

from __future__ import annotations

import pytest

from sealgate import Gateway, SealgateError, errors
from sealgate.stores import StoreUnusable
from sealgate.testing import FakeApi


@pytest.mark.parametrize(
    ("document", "call", "error"),
    [
        ({"permalink": "other"}, {}, errors.ConnectorNotFound),
        ({"headers": [{"key": "X", "value": "{{ user.id }}"}]}, {}, errors.UserRequired),
        ({"headers": [{"key": "X", "value": "{{ get_secret('nope') }}"}]}, {}, errors.SecretNotFound),
        ({"headers": [{"key": "X", "value": "{{ get_variable('v') }}"}]}, {}, errors.VariableNotFound),
        ({"response_body": "{{ 'x' | from_json }}"}, {}, errors.ResponseTemplateFailed),
        ({}, {"headers": {"A": 1}}, errors.DocumentInvalid),
        ({}, {"path_params": {"a": []}}, errors.DocumentInvalid),
    ],
)
async def test_errors_are_raised(embedded, api, document, call, error):
    async with embedded({"url": f"{api.origin}/x", **document}) as gateway:
        with pytest.raises(error) as raised:
            await gateway.execute("weather", **call)
    assert isinstance(raised.value, SealgateError)


@pytest.mark.parametrize("call", [{"json": 1, "body": "2"}, {"data": 1}])
async def test_wrong_arguments(embedded, api, call):
    async with embedded({"url": api.origin}) as gateway:
        with pytest.raises(TypeError):
            await gateway.execute("weather", **call)
    assert api.requests == []


async def test_an_api_that_is_not_there(embedded):
    closed = FakeApi()
    with closed:
        pass
    async with embedded({"url": closed.origin}, egress_allow=[closed.origin]) as gateway:
        with pytest.raises(errors.UpstreamUnreachable):
            await gateway.execute("weather")


async def test_a_private_address_is_refused_unless_allowed(embedded, api):
    with pytest.raises(errors.DocumentInvalid) as refused:
        await embedded({"url": api.origin}, egress_allow=()).start()
    assert [fault.path for fault in refused.value.fields] == ["url"]


async def test_a_slow_api_runs_into_the_timeout(embedded, api):
    async with embedded({"url": f"{api.origin}/slow/20"}, upstream_timeout=0.2) as gateway:
        with pytest.raises(errors.UpstreamTimeout):
            await gateway.execute("weather")


async def test_every_fault_of_a_registry_at_once(embedded, api):
    faulty = [
        {"name": "A", "url": "ftp://x", "method": "FETCH"},
        {"name": "B", "url": api.origin, "headers": [{"key": "X", "value": "{{"}]},
    ]
    with pytest.raises(errors.DocumentInvalid) as refused:
        await embedded(faulty).start()
    paths = {fault.path for fault in refused.value.fields}
    assert paths == {"connectors.0.url", "connectors.0.method", "connectors.1.headers.0.value"}


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        ({"egress_allow": ["http://127.0.0.1:*", "nonsense", "http://"]}, ["egress_allow"] * 2),
        ({"egress_ca_file": "missing.pem"}, ["egress_ca_file"]),
        ({"egress_proxy": "proxy.example:3128"}, ["egress_proxy"]),
        ({"egress_proxy_resolves": True}, ["egress_proxy_resolves"]),
        ({"egress_client_certificates": "missing.toml"}, ["egress_client_certificates"]),
        ({"upstream_timeout": 0, "connect_timeout": "x"}, ["connect_timeout", "upstream_timeout"]),
    ],
)
def test_wrong_options(options, paths):
    with pytest.raises(errors.DocumentInvalid) as refused:
        Gateway.from_connector({"name": "A", "url": "https://api.example.com"}, **options)
    assert [fault.path for fault in refused.value.fields] == paths


@pytest.mark.parametrize(
    ("secrets", "variables", "paths"),
    [
        ({"a b": "x", "e": "", "n": 7}, {}, ["secrets.a b.name", "secrets.e.value", "secrets.n"]),
        ({"same": "x"}, {"same": "y"}, ["secrets.same"]),
        ({}, {"9": "x"}, ["variables.9.name"]),
    ],
)  # fmt: skip
async def test_values_that_cannot_be_used(embedded, api, secrets, variables, paths):
    with pytest.raises(errors.DocumentInvalid) as refused:
        await embedded({"url": api.origin}, secrets=secrets, variables=variables).start()
    assert [fault.path for fault in refused.value.fields] == paths


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda: Gateway.from_connector({}, workers=2), TypeError),
        (lambda: Gateway.from_registry("missing.json").start(), FileNotFoundError),
        (lambda: Gateway.from_connector({}).execute("x"), RuntimeError),
        (lambda: Gateway.open("missing"), StoreUnusable),
    ],
)
async def test_wrong_use(tmp_path, monkeypatch, wrong, error):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error):
        await wrong()
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_export_is_an_attribute_error():
    import sealgate

    with pytest.raises(AttributeError, match="Gatway"):
        _ = sealgate.Gatway
