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
    shown = {each.info.name: each.usage.used_by for each in await secrets.list_secrets(engine, "default")}
    assert shown == {"pull": ("source:a",), "hook": ("source:a",), "both": ("weather", "source:b")}
    assert (await secrets.get_secret(engine, "default", "both")).usage.used_by == ("weather", "source:b")
    await secrets.delete_secret(engine, "default", "pull", actor="ada")
    assert {each.info.name for each in await secrets.list_secrets(engine, "default")} == {"hook", "both"}


@pytest.mark.parametrize("name", ["instance-url", "api key", "123env", "api@key", "", "é", "a\n", "a" * 256])
async def test_names_that_a_template_could_not_read(engine, name):
    with pytest.raises(DocumentInvalid) as caught:
        await put(engine, name)
    assert [fault.path for fault in caught.value.fields] == ["name"]


async def test_every_fault_at_once(engine):
    with pytest.raises(DocumentInvalid) as caught:
        await put(engine, "a-b", "", allowed_hosts=["api.example.com", "0x7f.1", "*.example.com", "a b"])
    paths = [fault.path for fault in caught.value.fields]
    assert paths == ["name", "value", "allowed_hosts.1", "allowed_hosts.3"]


async def test_a_variable_may_have_the_name(engine):
    await variables.put_variable(engine, "default", "api_key", "x", actor="ada")
    with pytest.raises(Conflict):
        await put(engine)


async def test_allowed_hosts_are_normalised_kept_and_replaced(engine):
    hosts = ["API.Example.com", "*.Example.org", "api.example.com"]
    assert (await put(engine, allowed_hosts=hosts)).info.allowed_hosts == ("api.example.com", "*.example.org")
    assert (await put(engine)).info.allowed_hosts == ("api.example.com", "*.example.org")
    assert (await put(engine, allowed_hosts=[])).info.allowed_hosts == ()


async def test_creating_replaces_nothing(engine):
    await put(engine, create_only=True)
    with pytest.raises(Conflict) as caught:
        await put(engine, value="other-canary-0002", create_only=True)
    assert "already" in caught.value.detail and "canary" not in caught.value.detail
    assert (await secrets.get_secret(engine, "default", "api_key")).info.version == 1


async def test_hosts_change_without_a_new_value(engine):
    await put(engine)
    await connector(engine, "https://api.example.com/x")
    hosts = ["API.example.com", "a b"]
    with pytest.raises(DocumentInvalid) as caught:
        await secrets.set_allowed_hosts(engine, "default", "api_key", hosts, actor="ada")
    assert [fault.path for fault in caught.value.fields] == ["allowed_hosts.1"]
    with pytest.raises(DocumentInvalid, match="were not saved") as caught:
        await secrets.set_allowed_hosts(engine, "default", "api_key", ["other.example.com"], actor="ada")
    assert "'weather'" in caught.value.fields[0].message
    shown = await secrets.set_allowed_hosts(engine, "default", "api_key", hosts[:1], actor="ada")
    assert (shown.info.allowed_hosts, shown.info.version) == (("api.example.com",), 1)
    assert engine.tenant("default").allowed_hosts["api_key"] == ("api.example.com",)
    with pytest.raises(NotFound):
        await secrets.set_allowed_hosts(engine, "default", "other", [], actor="ada")


async def test_versions_say_who_and_not_what(engine):
    await put(engine)
    await secrets.put_secret(engine, "default", "api_key", Secret("other-canary-0002"), actor="bob")
    await secrets.set_allowed_hosts(engine, "default", "api_key", ["api.example.com"], actor="eve")
    history = await secrets.secret_history(engine, "default", "api_key")
    assert [(each.version, each.created_by) for each in history.versions] == [(2, "bob"), (1, "ada")]
    assert [(each.allowed_hosts, each.changed_by) for each in history.host_changes] == [
        (("api.example.com",), "eve")
    ]
    assert "canary" not in repr(history)
    with pytest.raises(NotFound):
        await secrets.secret_history(engine, "default", "other")


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
