import pytest

from sealgate.errors import Conflict, ConnectorNotFound, DocumentInvalid, PreconditionFailed
from sealgate.registry.sync import sync_registry
from sealgate.services import connectors

URL = "https://api.example.com/x"
WEATHER = {"name": "Weather API", "url": URL}


async def create(engine, document=WEATHER, **more):
    return await connectors.create_connector(engine, "default", document, actor="ada", **more)


async def put(engine, permalink, document, **more):
    return await connectors.put_connector(engine, "default", permalink, document, actor="ada", **more)


async def test_create_derives_the_permalink_and_is_in_force_at_once(engine):
    shown = await create(engine)
    assert shown.created and shown.stored.permalink == "weather-api"
    assert "weather-api" in engine.tenant("default").connectors
    document = shown.as_json()
    assert document["updated_by"] == "ada" and document["source"] is None and document["warnings"] == []
    assert document["created_at"].endswith("Z")


async def test_create_refuses_a_taken_permalink(engine):
    await create(engine)
    with pytest.raises(Conflict):
        await create(engine)


async def test_every_fault_at_once_and_nothing_saved(engine):
    with pytest.raises(DocumentInvalid) as caught:
        await create(engine, {"url": "http://127.0.0.1", "method": "FETCH", "response_body": "{{"})
    assert {"name", "url", "method", "response_body"} <= {fault.path for fault in caught.value.fields}
    assert await connectors.list_connectors(engine, "default") == []


async def test_warnings_go_along_and_strict_refuses_them(engine):
    document = {**WEATHER, "pathParams": []}
    with pytest.raises(DocumentInvalid) as caught:
        await create(engine, document, strict=True)
    assert [fault.path for fault in caught.value.fields] == ["pathParams"]
    shown = await create(engine, document)
    assert [warning["path"] for warning in shown.as_json()["warnings"]] == ["pathParams"]


async def test_put_creates_and_replaces(engine):
    assert (await put(engine, "w", WEATHER)).created
    replaced = await put(engine, "w", {**WEATHER, "method": "PUT"})
    assert not replaced.created and replaced.stored.document["method"] == "PUT"


async def test_an_answer_can_be_edited_and_sent_back(engine):
    shown = (await create(engine)).as_json()
    again = await put(engine, "weather-api", {**shown, "name": "New"}, strict=True)
    assert again.stored.document["name"] == "New" and again.warnings == ()


async def test_a_permalink_cannot_be_changed_and_hides_no_other_fault(engine):
    with pytest.raises(DocumentInvalid) as caught:
        await put(engine, "a", {**WEATHER, "permalink": "b", "method": "FETCH"})
    assert {fault.path for fault in caught.value.fields} == {"permalink", "method"}


async def test_if_revision_guards_against_lost_updates(engine):
    first = await create(engine)
    await put(engine, "weather-api", {**WEATHER, "method": "PUT"}, if_revision=first.stored.revision)
    with pytest.raises(PreconditionFailed):
        await put(engine, "weather-api", WEATHER, if_revision=first.stored.revision)


async def test_delete(engine):
    await create(engine)
    await connectors.delete_connector(engine, "default", "weather-api", actor="ada")
    assert "weather-api" not in engine.tenant("default").connectors
    with pytest.raises(ConnectorNotFound):
        await connectors.get_connector(engine, "default", "weather-api")


async def test_what_a_source_owns_is_read_only(engine):
    await sync_registry(engine, "default", "repo", {"connectors": [WEATHER]}, actor="test")
    with pytest.raises(Conflict, match="repo"):
        await put(engine, "weather-api", WEATHER)
    with pytest.raises(Conflict, match="repo"):
        await connectors.delete_connector(engine, "default", "weather-api", actor="ada")
    assert (await connectors.get_connector(engine, "default", "weather-api")).as_json()["source"] == "repo"
