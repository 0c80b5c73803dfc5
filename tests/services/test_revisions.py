import pytest

from sealgate.errors import Conflict, ConnectorNotFound, DocumentInvalid, NotFound, PreconditionFailed
from sealgate.registry.sync import sync_registry
from sealgate.services import connectors, revisions
from sealgate.services.revisions import ABSENT, Change, changes_between

URL = "https://api.example.com/x"
WEATHER = {"name": "Weather", "url": URL}


async def save(engine, document=WEATHER, actor="ada"):
    shown = await connectors.put_connector(engine, "default", "weather", document, actor=actor)
    return shown.stored.revision


async def restore(engine, revision, **more):
    return await revisions.restore_revision(engine, "default", "weather", revision, actor="eve", **more)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [Change("a", 1, 2)]),
        ({"a": None}, {}, [Change("a", None, ABSENT)]),
        ({}, {"a": None}, [Change("a", ABSENT, None)]),
        ({"a": 1}, {"a": True}, [Change("a", 1, True)]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}}, [Change("a.b", 1, 3)]),
        ({"a": [1, 2]}, {"a": [1]}, [Change("a.1", 2, ABSENT)]),
        ({"a": [1]}, {"a": [0, 1]}, [Change("a.0", 1, 0), Change("a.1", ABSENT, 1)]),
        ({"a": [{"key": "x"}]}, {"a": [{"key": "y"}]}, [Change("a.0.key", "x", "y")]),
        ({"a": {}}, {"a": []}, [Change("a", {}, [])]),
    ],
)
def test_changes_between(before, after, changes):
    assert list(changes_between(before, after)) == changes


async def test_a_difference_as_list_and_as_text(engine):
    first = await save(engine)
    second = await save(engine, {**WEATHER, "method": "PUT"}, "bob")
    found = await revisions.compare_revisions(engine, "default", "weather", second)
    assert found.as_json()["changes"] == [{"path": "method", "before": "GET", "after": "PUT"}]
    assert (found.before, found.after) == (first, second)
    lines = found.text.split("\n")
    assert lines[:2] == [f"--- revision {first}", f"+++ revision {second}"]
    assert '-  "method": "GET",' in lines and '+  "method": "PUT",' in lines
    back = await revisions.compare_revisions(engine, "default", "weather", first, second)
    assert back.changes == (Change("method", "PUT", "GET"),)


async def test_the_first_revision_is_compared_with_nothing(engine):
    found = await revisions.compare_revisions(engine, "default", "weather", await save(engine))
    assert found.before is None and found.text.startswith("--- nothing\n")
    assert Change("url", ABSENT, URL) in found.changes


async def test_restore_is_a_new_save(engine):
    first = await save(engine)
    await save(engine, {**WEATHER, "method": "PUT"})
    restored = await restore(engine, first)
    assert not restored.created and restored.stored.document["method"] == "GET"
    history = await revisions.list_revisions(engine, "default", "weather")
    assert [each.info.saved_by for each in history] == ["eve", "ada", "ada"]
    assert history[0].info.revision == restored.stored.revision
    assert engine.tenant("default").connectors["weather"].document["method"] == "GET"


async def test_a_deleted_connector_can_be_restored(engine):
    first = await save(engine)
    await connectors.delete_connector(engine, "default", "weather", actor="bob")
    deletion = (await revisions.list_revisions(engine, "default", "weather"))[0]
    assert deletion.info.deleted
    shown = await revisions.get_revision(engine, "default", "weather", deletion.info.revision)
    assert shown.with_document()["document"] is None
    with pytest.raises(Conflict, match="deletion"):
        await restore(engine, deletion.info.revision)
    gone = await revisions.compare_revisions(engine, "default", "weather", deletion.info.revision)
    assert Change("url", URL, ABSENT) in gone.changes
    assert (await restore(engine, first)).created


async def test_restore_is_checked_as_today(engine):
    first = await save(engine)
    plain = {"type": "api_key", "config": {"key": "X", "value": "plain text", "in": "header"}}
    await engine.store.put_connector(
        "default", "weather", {**WEATHER, "authentication": plain}, actor="allowed then"
    )
    refused = (await revisions.list_revisions(engine, "default", "weather"))[0].info.revision
    await save(engine)
    with pytest.raises(DocumentInvalid) as caught:
        await restore(engine, refused)
    assert [fault.path for fault in caught.value.fields] == ["authentication.config.value"]
    with pytest.raises(PreconditionFailed):
        await restore(engine, first, if_revision=first)


async def test_what_a_source_owns_is_not_restored(engine):
    document = {"connectors": [{**WEATHER, "permalink": "weather"}]}
    await sync_registry(engine, "default", "repo", document, actor="git")
    (first,) = await revisions.list_revisions(engine, "default", "weather")
    assert first.info.source == "repo"
    with pytest.raises(Conflict, match="belongs to the source"):
        await restore(engine, first.info.revision)


async def test_what_is_not_there(engine):
    revision = await save(engine)
    with pytest.raises(ConnectorNotFound):
        await revisions.list_revisions(engine, "default", "nobody")
    for work in (revisions.get_revision, revisions.compare_revisions):
        with pytest.raises(NotFound):
            await work(engine, "default", "weather", revision + 1)
    with pytest.raises(NotFound):
        await revisions.compare_revisions(engine, "default", "weather", revision, revision + 1)
