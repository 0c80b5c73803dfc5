"""Secrets and variables: where they come from, and where they never show."""

from __future__ import annotations

import json
import os

import pytest

from sealgate import errors

CANARY = "s3cret-canary-of-a-script"
KEYED = {"headers": [{"key": "X-Key", "value": "{{ get_secret('KEY') }}"}]}


@pytest.mark.parametrize("given", [os.environ, os.environ.get])
async def test_secrets_from_the_environment(embedded, api, monkeypatch, given):
    monkeypatch.setenv("KEY", CANARY)
    monkeypatch.setenv("OTHER", "127.0.0.1")
    async with embedded({"url": api.origin, **KEYED}, secrets=given) as gateway:
        assert (await gateway.execute("weather")).status == 200
        explain = json.dumps((await gateway.test("weather")).explain)
    assert api.requests[0].header("X-Key") == CANARY
    # What no connector names is no secret, and stays legible.
    assert "127.0.0.1" in explain


async def test_a_missing_secret_is_a_warning_and_then_an_error(embedded, api):
    async with embedded([{"name": "Weather", "url": api.origin, **KEYED}]) as gateway:
        (warning,) = gateway.warnings
        assert (warning.path, "KEY" in warning.message) == ("connectors.0.headers.0.value", True)
        with pytest.raises(errors.SecretNotFound):
            await gateway.execute("weather")
    assert api.requests == []


async def test_the_environment_of_a_server_does_not_leak_in(embedded, api, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sealgate.toml").write_text('egress_allow = ["http://127.0.0.1:*"]\n')
    monkeypatch.setenv("SEALGATE_EGRESS_ALLOW", "http://127.0.0.1:*")
    monkeypatch.setenv("SEALGATE_UPSTREAM_TIMEOUT", "nonsense")
    with pytest.raises(errors.DocumentInvalid):
        await embedded({"url": api.origin}, egress_allow=()).start()
    assert [file.name for file in tmp_path.iterdir()] == ["sealgate.toml"]


async def test_a_templated_host(embedded, api):
    host = api.origin.removeprefix("http://")
    document = {"url": "http://{{ get_variable('host') }}/x"}
    async with embedded(document, variables={"host": host}) as gateway:
        assert (await gateway.execute("weather")).json()["path"] == "/x"


async def test_no_secret_is_shown(embedded, api, caplog, capsys):
    leaking = [
        {"name": "Weather", "url": f"{api.origin}/status/500", **KEYED},
        {"name": "Named", "url": api.origin, "headers": [
            {"key": "X", "value": "{{ get_variable(get_secret('KEY')) }}"},
        ]},
    ]  # fmt: skip
    gateway = embedded(leaking, secrets={"KEY": CANARY})
    shown = [repr(gateway)]
    async with gateway:
        reply = await gateway.execute("weather")
        with pytest.raises(errors.VariableNotFound) as raised:
            await gateway.execute("named")
        result = await gateway.test("weather")
        shown += [repr(gateway), repr(vars(gateway)), repr(reply), reply.text, repr(raised.value)]
        shown += [raised.value.detail, repr(result), json.dumps(result.as_json()), caplog.text]
    shown += [*capsys.readouterr()]
    assert api.requests[0].header("X-Key") == CANARY
    assert CANARY not in "".join(shown)
