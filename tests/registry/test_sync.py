import pytest

from sealgate.errors import DocumentInvalid
from sealgate.registry.sync import sync_registry

URL = "https://api.example.com/x"


def connector(name, url=URL, **more):
    return {"name": name, "url": url, **more}


async def sync(engine, *connectors, source="main", tenant="default"):
    return await sync_registry(engine, tenant, source, {"connectors": list(connectors)}, actor="test")


async def permalinks(engine, source="main", tenant="default"):
    stored = await engine.store.list_connectors(tenant)
    return {each.permalink for each in stored if each.source == source}


async def test_create_update_delete(engine):
    first = await sync(engine, connector("A"), connector("B"))
    assert (first.created, first.updated, first.deleted) == (("a", "b"), (), ())
    again = await sync(engine, connector("A"), connector("B"))
    assert (again.created, again.updated, again.deleted) == ((), (), ())
    second = await sync(engine, connector("B", url=URL + "/2"), connector("C"))
    assert (second.created, second.updated, second.deleted) == (("c",), ("b",), ("a",))
    assert await permalinks(engine) == {"b", "c"}
    assert "c" in engine.tenant("default").connectors and "a" not in engine.tenant("default").connectors


async def test_the_permalink_is_the_identity(engine):
    await sync(engine, connector("Old name", permalink="same"))
    renamed = await sync(engine, connector("New name", permalink="same"))
    assert renamed.updated == ("same",)
    moved = await sync(engine, connector("New name", permalink="other"))
    assert (moved.created, moved.deleted) == (("other",), ("same",))


async def test_unchanged_connectors_keep_their_revision(engine):
    await sync(engine, connector("A"), connector("B"))
    before = (await engine.store.get_connector("default", "a")).revision
    await sync(engine, connector("A"), connector("B", method="PUT"))
    assert (await engine.store.get_connector("default", "a")).revision == before


async def test_all_or_nothing(engine):
    await sync(engine, connector("A"))
    with pytest.raises(DocumentInvalid) as caught:
        await sync(engine, connector("New"), connector("Bad", method="FETCH"), {"name": "Worse"})
    assert {fault.path for fault in caught.value.fields} == {"connectors.1.method", "connectors.2.url"}
    assert await permalinks(engine) == {"a"}


async def test_collisions_are_faults_among_the_others(engine):
    await engine.store.put_connector("default", "hand-made", connector("Hand made"), actor="test")
    await sync(engine, connector("Theirs"), source="other")
    with pytest.raises(DocumentInvalid) as caught:
        await sync(engine, connector("Hand made"), connector("Theirs"), connector("Bad", url="x"))
    messages = {fault.path: fault.message for fault in caught.value.fields}
    assert "made by hand" in messages["connectors.0.permalink"]
    assert "'other'" in messages["connectors.1.permalink"]
    assert "connectors.2.url" in messages
    assert await permalinks(engine) == set()


async def test_an_empty_file_deletes_only_its_own(engine):
    await engine.store.put_connector("default", "hand-made", connector("Hand made"), actor="test")
    await sync(engine, connector("Theirs"), source="other")
    await sync(engine, connector("Mine"))
    assert (await sync(engine)).deleted == ("mine",)
    assert await permalinks(engine, None) == {"hand-made"}
    assert await permalinks(engine, "other") == {"theirs"}


async def test_tenants_have_independent_sets(engine):
    await sync(engine, connector("A"))
    await sync(engine, connector("A"), tenant="acme")
    await sync(engine, tenant="acme")
    assert await permalinks(engine) == {"a"}
    assert await permalinks(engine, tenant="acme") == set()


async def test_composites_are_connectors_like_others(engine):
    join = {"name": "Join", "steps": [{"name": "one", "url": "https://api.example.com"}]}
    document = {"connectors": [connector("A")], "composite_connectors": [join]}
    result = await sync_registry(engine, "default", "main", document, actor="test")
    assert result.created == ("a", "join")
    document["composite_connectors"] = [{**join, "name": "Join more", "permalink": "join"}]
    result = await sync_registry(engine, "default", "main", document, actor="test")
    assert (result.updated, result.deleted) == (("join",), ())
    result = await sync_registry(engine, "default", "main", {"connectors": [connector("A")]}, actor="test")
    assert result.deleted == ("join",)


async def test_one_namespace_of_permalinks_and_all_faults_of_composites(engine):
    composites = [
        {"name": "A", "steps": [{"name": "one", "url": "https://api.example.com"}]},
        {"name": "No steps"},
        {
            "name": "Bad",
            "steps": [{"name": "One", "url": "http://10.0.0.1"}, {"url": "https://x.example/{{"}],
        },
    ]
    document = {"connectors": [connector("A")], "composite_connectors": composites}
    with pytest.raises(DocumentInvalid) as caught:
        await sync_registry(engine, "default", "main", document, actor="test")
    assert {(fault.path, fault.connector) for fault in caught.value.fields} == {
        ("composite_connectors.0.permalink", "A"),
        ("composite_connectors.1.steps", "No steps"),
        ("composite_connectors.2.steps.0.name", "Bad"),
        ("composite_connectors.2.steps.0.url", "Bad"),
        ("composite_connectors.2.steps.1.name", "Bad"),
        ("composite_connectors.2.steps.1.url", "Bad"),
    }
    assert await permalinks(engine) == set()
