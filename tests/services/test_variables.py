import pytest

from sealgate.errors import Conflict, DocumentInvalid, NotFound
from sealgate.secret import Secret
from sealgate.services import secrets, variables


async def put(engine, name="region", value="eu"):
    return await variables.put_variable(engine, "default", name, value, actor="ada")


async def test_create_replace_list_delete(engine):
    assert (await put(engine)).created
    assert not (await put(engine, value="us")).created
    (shown,) = await variables.list_variables(engine, "default")
    assert (shown.as_json()["value"], shown.as_json()["updated_by"]) == ("us", "ada")
    await variables.delete_variable(engine, "default", "region", actor="ada")
    with pytest.raises(NotFound):
        await variables.get_variable(engine, "default", "region")


async def test_a_value_may_be_empty(engine):
    assert (await put(engine, value="")).as_json()["value"] == ""


@pytest.mark.parametrize(("name", "value", "path"), [("a-b", "x", "name"), ("a", "x" * 65_537, "value")])
async def test_refused(engine, name, value, path):
    with pytest.raises(DocumentInvalid) as caught:
        await put(engine, name, value)
    assert [fault.path for fault in caught.value.fields] == [path]


async def test_creating_replaces_nothing(engine):
    await put(engine)
    with pytest.raises(Conflict, match="already"):
        await variables.put_variable(engine, "default", "region", "us", actor="ada", create_only=True)
    assert (await variables.get_variable(engine, "default", "region")).stored.value == "eu"


async def test_a_secret_may_have_the_name(engine):
    await secrets.put_secret(engine, "default", "region", Secret("x" * 8), actor="ada")
    with pytest.raises(Conflict):
        await put(engine)
