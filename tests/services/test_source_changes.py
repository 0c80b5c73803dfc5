"""What a run of a source changed, connector by connector."""

from __future__ import annotations

from typing import Any

import pytest

from sealgate.errors import NotFound
from sealgate.services import sources
from sealgate.services.connectors import put_connector
from sealgate.services.source_changes import change_of_run

URL = "https://api.example.com/"


async def apply(engine: Any, *paths: str) -> float:
    """A run whose file has a connector `a`, `b`, … for each path; gives when it began."""
    connectors = [{"name": name, "url": URL + path} for name, path in zip("abc", paths, strict=False) if path]
    await sources.apply_registry(engine, "default", "team", {"connectors": connectors}, actor="ada")
    return (await sources.list_runs(engine, "default", "team"))[0].started_at


async def test_created_updated_and_deleted(engine):
    began = [await apply(engine, *paths) for paths in [("1", "1"), ("2", "1"), ("3",), ("3", "1")]]

    async def urls(run: int, permalink: str) -> list[str | None]:
        change = await change_of_run(engine, "default", "team", began[run], permalink)
        return [document and document["url"] for document in (change.before, change.after)]

    assert await urls(0, "a") == [None, f"{URL}1"]
    assert await urls(1, "a") == [f"{URL}1", f"{URL}2"]
    assert await urls(2, "a") == [f"{URL}2", f"{URL}3"]
    assert await urls(2, "b") == [f"{URL}1", None]
    assert await urls(3, "b") == [None, f"{URL}1"]
    with pytest.raises(NotFound):
        await urls(1, "b")
    with pytest.raises(NotFound):
        await change_of_run(engine, "default", "team", 1.5, "a")


async def test_later_changes_by_hand_do_not_matter(engine):
    began = await apply(engine, "1")
    await sources.delete_source(engine, "default", "team", keep_connectors=True, actor="ada")
    document = {"name": "a", "url": f"{URL}by-hand"}
    await put_connector(engine, "default", "a", document, actor="ada")
    with pytest.raises(NotFound):  # the runs went with their source
        await change_of_run(engine, "default", "team", began, "a")


async def test_what_is_forgotten_is_said(engine):
    began = await apply(engine, "first")
    for number in range(51):
        await apply(engine, f"{number}")
    with pytest.raises(NotFound, match="forgotten"):
        await change_of_run(engine, "default", "team", began, "a")
