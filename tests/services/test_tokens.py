import time

import pytest

from sealgate.errors import DocumentInvalid, NotFound
from sealgate.services import tokens


async def create(engine, **more):
    given = {"name": "ci", "scopes": ["read"], **more}
    return await tokens.create_token(engine, "default", actor="ada", **given)


async def test_the_text_is_known_once(engine):
    created = await create(
        engine, scopes=["write", "read"], permalinks=["a"], origins=["HTTPS://App.example"]
    )
    text = created.as_json()["token"]
    found = await engine.store.find_api_token(created.text)
    assert found is not None and found[0] == "default"
    (listed,) = await tokens.list_tokens(engine, "default")
    document = listed.as_json()
    assert document["scopes"] == ["read", "write"] and document["permalinks"] == ["a"]
    assert document["origins"] == ["https://app.example"] and document["expires_at"] is None
    assert document["created_by"] == "ada"
    assert text not in str(document) and text not in repr(created)


async def test_delete(engine):
    created = await create(engine)
    await tokens.delete_token(engine, "default", created.stored.id, actor="ada")
    assert await engine.store.find_api_token(created.text) is None
    with pytest.raises(NotFound):
        await tokens.delete_token(engine, "default", created.stored.id, actor="ada")


@pytest.mark.parametrize("expiry", ["2099-01-31T12:00:00Z", "2099-01-31T13:00:00+01:00", 4073544000])
async def test_expiry_in_either_form(engine, expiry):
    assert (await create(engine, expires_at=expiry)).as_json()["expires_at"] == "2099-01-31T12:00:00Z"


async def test_every_fault_at_once(engine):
    with pytest.raises(DocumentInvalid) as caught:
        await create(
            engine,
            name=" ",
            scopes=["read", "root"],
            permalinks=["Not One"],
            origins=["https://a.example/path"],
            expires_at=time.time() - 1,
        )
    paths = [fault.path for fault in caught.value.fields]
    assert paths == ["name", "scopes.1", "permalinks.0", "origins.0", "expires_at"]


@pytest.mark.parametrize("expiry", ["tomorrow", "2099-01-31T12:00:00", "2001-01-01T00:00:00Z"])
async def test_expiries_that_are_refused(engine, expiry):
    with pytest.raises(DocumentInvalid) as caught:
        await create(engine, expires_at=expiry)
    assert [fault.path for fault in caught.value.fields] == ["expires_at"]


async def test_a_token_without_scopes_is_refused(engine):
    with pytest.raises(DocumentInvalid):
        await create(engine, scopes=[])
