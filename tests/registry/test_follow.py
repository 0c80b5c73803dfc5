import asyncio
import json

import pytest
from structlog.testing import capture_logs

from sealgate.registry.follow import Follower

URL = "https://api.example.com/x"


def write(path, *names, url=URL):
    path.write_text(json.dumps({"connectors": [{"name": name, "url": url} for name in names]}))


async def owners(engine):
    stored = await engine.store.list_connectors("default")
    return {connector.permalink: connector.source for connector in stored}


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "registry"
    made.mkdir()
    return made


async def test_a_folder_is_one_source_per_file(engine, folder):
    write(folder / "one.json", "A", "B")
    write(folder / "two.json", "C")
    (folder / "notes.txt").write_text("not a registry")
    (folder / ".hidden.json").write_text("{")
    await Follower(engine, folder).start()
    assert await owners(engine) == {"a": "one.json", "b": "one.json", "c": "two.json"}


async def test_changes_are_seen_at_the_next_look(engine, folder):
    write(folder / "one.json", "A")
    follower = Follower(engine, folder)
    await follower.start()
    write(folder / "one.json", "B")
    write(folder / "two.json", "C")
    await follower.poll()
    assert await owners(engine) == {"b": "one.json", "c": "two.json"}


async def test_a_bad_file_leaves_the_last_good_one_in_force(engine, folder):
    file = folder / "one.json"
    write(file, "A")
    follower = Follower(engine, folder)
    await follower.start()
    file.write_text('{"connectors": [{"name": "A", "url": "x"}, {"url": "https://api.example.com"}]}')
    with capture_logs() as logs:
        await follower.poll()
        await follower.poll()
    assert await owners(engine) == {"a": "one.json"}
    (refusal,) = logs
    assert {fault["path"] for fault in refusal["faults"]} == {"connectors.0.url", "connectors.1.name"}
    file.write_text("{")
    with capture_logs() as logs:
        await follower.poll()
    assert "line 1" in logs[0]["faults"][0]["message"]
    write(file, "B")
    await follower.poll()
    assert await owners(engine) == {"b": "one.json"}


async def test_a_refused_file_is_tried_again_when_the_store_changed(engine, folder):
    await engine.store.put_connector("default", "a", {"name": "A", "url": URL}, actor="test")
    write(folder / "one.json", "A")
    follower = Follower(engine, folder)
    await follower.start()
    assert await owners(engine) == {"a": None}
    await engine.store.delete_connector("default", "a", actor="test")
    await follower.poll()
    assert await owners(engine) == {"a": "one.json"}


async def test_a_removed_file_takes_its_connectors_with_it(engine, folder):
    write(folder / "one.json", "A")
    write(folder / "two.json", "B")
    follower = Follower(engine, folder)
    await follower.start()
    (folder / "one.json").unlink()
    await follower.poll()
    assert await owners(engine) == {"a": "one.json", "b": "two.json"}, "an editor may be replacing it"
    await follower.poll()
    assert await owners(engine) == {"b": "two.json"}


async def test_a_file_that_comes_back_keeps_its_connectors(engine, folder):
    write(folder / "one.json", "A")
    follower = Follower(engine, folder)
    await follower.start()
    (folder / "one.json").unlink()
    await follower.poll()
    write(folder / "one.json", "A")
    await follower.poll()
    await follower.poll()
    assert await owners(engine) == {"a": "one.json"}


async def test_files_removed_while_nobody_looked_are_cleaned_up_at_start(engine, folder):
    write(folder / "one.json", "A")
    await Follower(engine, folder).start()
    (folder / "one.json").unlink()
    await Follower(engine, folder).start()
    assert await owners(engine) == {}


async def test_a_missing_folder_changes_nothing(engine, folder, tmp_path):
    write(folder / "one.json", "A")
    follower = Follower(engine, folder)
    await follower.start()
    folder.rename(tmp_path / "unmounted")
    await follower.poll()
    await follower.poll()
    await Follower(engine, folder).start()
    assert await owners(engine) == {"a": "one.json"}


async def test_one_file(engine, tmp_path):
    file = tmp_path / "connectors_registry.json"
    write(file, "A")
    follower = Follower(engine, file)
    await follower.start()
    assert await owners(engine) == {"a": "connectors_registry.json"}
    file.unlink()
    await follower.poll()
    await follower.poll()
    assert await owners(engine) == {}


async def test_it_looks_by_itself(engine, folder):
    follower = Follower(engine, folder)
    await follower.start()
    running = asyncio.create_task(follower.run())
    write(folder / "one.json", "A")
    async with asyncio.timeout(10):
        while not await owners(engine):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
