from pathlib import Path

import pytest

from sealgate.errors import Conflict, DocumentInvalid
from sealgate.execution.engine import Engine
from sealgate.services import sources
from sealgate.settings import Settings

REGISTRY = {"connectors": [{"name": "A", "url": "https://api.example.com"}]}


async def test_apply(engine):
    result = await sources.apply_registry(engine, "default", "main", REGISTRY, actor="ada")
    assert result.as_json() == {"created": ["a"], "updated": [], "deleted": [], "warnings": []}
    assert (await engine.store.get_connector("default", "a")).updated_by == "ada"


@pytest.mark.parametrize("name", ["", "a/b", " ", "-x", "a" * 101])
async def test_names_that_are_refused(engine, name):
    with pytest.raises(DocumentInvalid) as caught:
        await sources.apply_registry(engine, "default", name, REGISTRY, actor="ada")
    assert caught.value.fields[0].path == "source"


async def test_names_of_followed_files_are_reserved(tmp_path):
    settings = Settings(data=tmp_path / "data", registry=Path("registry"))
    async with await Engine.start(settings) as engine:
        with pytest.raises(DocumentInvalid, match="SEALGATE_REGISTRY"):
            await sources.apply_registry(engine, "default", "one.json", REGISTRY, actor="ada")


async def test_a_preview_says_what_applying_would_do_and_does_nothing(engine):
    await sources.apply_registry(engine, "default", "main", REGISTRY, actor="ada")
    changed = {"connectors": [{"name": "B", "url": "https://api.example.com"}]}
    result = await sources.preview_registry(engine, "default", "main", changed)
    assert (result.created, result.updated, result.deleted) == (("b",), (), ("a",))
    assert [each.permalink for each in await engine.store.list_connectors("default")] == ["a"]
    assert len(await sources.list_runs(engine, "default", "main")) == 1


async def test_a_preview_has_the_faults_of_applying(engine):
    await sources.apply_registry(engine, "default", "main", REGISTRY, actor="ada")
    clash = {"connectors": [*REGISTRY["connectors"], {"name": "B"}]}
    for check in (
        sources.preview_registry(engine, "default", "other", clash),
        sources.apply_registry(engine, "default", "other", clash, actor="ada"),
    ):
        with pytest.raises(DocumentInvalid) as caught:
            await check
        assert [fault.path for fault in caught.value.fields] == ["connectors.1.url", "connectors.0.permalink"]


async def test_a_preview_refuses_the_name_of_a_git_source(engine):
    await sources.put_git_source(
        engine, "default", "git", {"url": "https://git.example.com/a.git"}, actor="ada"
    )
    with pytest.raises(Conflict):
        await sources.preview_registry(engine, "default", "git", REGISTRY)
