import json

import pytest

from sealgate.errors import Conflict, DocumentInvalid, NotFound
from sealgate.secret import Secret
from sealgate.services import connectors, secrets, sources, variables

VALUE = "s3cret-canary-0001"


async def put(engine, name="api_key", value=VALUE, **more):
    return await secrets.put_secret(engine, "default", name, Secret(value), actor="ada", **more)


async def connector(engine, url, secret="api_key", name="Weather"):
    authentication = {
        "type": "api_key",
        "config": {"key": "X-Key", "value": f"{{{{ get_secret('{secret}') }}}}", "in": "header"},
    }
    document = {"name": name, "url": url, "authentication": authentication}
    return await connectors.create_connector(engine, "default", document, actor="ada")


async def test_create_replace_delete(engine):
    assert (await put(engine)).created
    replaced = await put(engine, value="another-value")
    assert not replaced.created and replaced.info.version == 2
    await secrets.delete_secret(engine, "default", "api_key", actor="ada")
    with pytest.raises(NotFound):
        await secrets.get_secret(engine, "default", "api_key")


async def test_the_value_is_never_shown(engine):
    await put(engine)
    await connector(engine, "https://api.example.com")
    shown = [secret.as_json() for secret in await secrets.list_secrets(engine, "default")]
    assert VALUE not in json.dumps(shown) and VALUE not in repr(await put(engine))
    assert shown[0]["first_character"] == "s" and shown[0]["used_by"] == ["weather"]


async def test_git_sources_are_among_what_uses_a_secret(engine):
    for name in ("pull", "hook", "both"):
        await put(engine, name)
    await connector(engine, "https://api.example.com", "both")
    url = "https://git.example.com/team.git"
    for name, named in {
        "a": {"credential": "pull", "webhook_secret": "hook"},
        "b": {"credential": "both", "webhook_secret": "both"},
    }.items():
        await sources.put_git_source(engine, "default", name, {"url": url, **named}, actor="ada")
    shown = {each.info.name: each.used_by for each in await secrets.list_secrets(engine, "default")}
    assert shown == {"pull": ("source:a",), "hook": ("source:a",), "both": ("weather", "source:b")}
    assert (await secrets.get_secret(engine, "default", "both")).used_by == ("weather", "source:b")
    await secrets.delete_secret(engine, "default", "pull", actor="ada")
    assert {each.info.name for each in await secrets.list_secrets(engine, "default")} == {"hook", "both"}


@pytest.mark.parametrize("name", ["instance-url", "api key", "123env", "api@key", "", "é", "a\n", "a" * 256])
async def test_names_that_a_template_could_not_read(engine, name):
    with pytest.raises(DocumentInvalid) as caught:
        await put(engine, name)
    assert [fault.path for fault in caught.value.fields] == ["name"]


async def test_every_fault_at_once(engine):
    with pytest.raises(DocumentInvalid) as caught:
        await put(engine, value="", allowed_hosts=["api.example.com", "0x7f.1", "*.example.com", "a b"])
    paths = [fault.path for fault in caught.value.fields]
    assert paths == ["value", "allowed_hosts.1", "allowed_hosts.3"]


async def test_a_variable_may_have_the_name(engine):
    await variables.put_variable(engine, "default", "api_key", "x", actor="ada")
    with pytest.raises(Conflict):
        await put(engine)


async def test_allowed_hosts_are_normalised_kept_and_replaced(engine):
    hosts = ["API.Example.com", "*.Example.org", "api.example.com"]
    assert (await put(engine, allowed_hosts=hosts)).info.allowed_hosts == ("api.example.com", "*.example.org")
    assert (await put(engine)).info.allowed_hosts == ("api.example.com", "*.example.org")
    assert (await put(engine, allowed_hosts=[])).info.allowed_hosts == ()


async def test_a_host_list_that_a_connector_breaks_is_a_fault(engine):
    await put(engine)
    await connector(engine, "https://api.example.com/x")
    await connector(engine, "https://elsewhere.example.net/x", name="Elsewhere")
    await connector(engine, "https://other.example.net/x", secret="unrelated", name="Other")
    with pytest.raises(DocumentInvalid) as caught:
        await put(engine, allowed_hosts=["api.example.com"])
    (fault,) = caught.value.fields
    assert fault.path == "allowed_hosts"
    assert "elsewhere.example.net" in fault.message and "'elsewhere'" in fault.message
    assert (await secrets.get_secret(engine, "default", "api_key")).info.allowed_hosts == ()


async def test_a_connector_that_breaks_a_host_list_is_a_fault(engine):
    await put(engine, allowed_hosts=["api.example.com"])
    await connector(engine, "https://api.example.com/x")
    with pytest.raises(DocumentInvalid) as caught:
        await connector(engine, "https://evil.example.net/x", name="Evil")
    assert [fault.path for fault in caught.value.fields] == ["authentication.config.value"]
