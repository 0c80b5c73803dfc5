from pathlib import Path

import pytest

from sealgate.errors import DocumentInvalid
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
