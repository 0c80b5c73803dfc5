from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from tenant_content import content_of

from sealgate.secret import Secret
from sealgate.settings import Settings
from sealgate.stores import SqlStore, StoreUnusable, open_store, rotate_key_file
from sealgate.stores.key_file import KeyFile
from sealgate.stores.ports import CachedToken
from sealgate.stores.sealing import new_key

OPEN = Callable[[], Awaitable[SqlStore]]
TOKEN = CachedToken("header", "Authorization", Secret("Bearer t"), 1e6, 2e6, 1.5e6)


async def values(store: SqlStore, tenant: str = "default") -> dict[str, str]:
    return {secret.name: secret.value.reveal() for secret in (await content_of(store, tenant)).secrets}


@pytest.fixture
def file(settings: Settings) -> KeyFile:
    return KeyFile(settings.master_key_file)


@pytest.fixture
async def filled(store: SqlStore) -> SqlStore:
    await store.put_secret("default", "k", Secret("ours"), actor="ada")
    await store.put_secret("acme", "k", Secret("theirs"), actor="ada")
    await store.tokens.store("key", "me", TOKEN)
    return store


async def opens_with_everything(open_again: OPEN) -> None:
    store = await open_again()
    assert await values(store) == {"k": "ours"}
    assert await values(store, "acme") == {"k": "theirs"}
    assert (await store.tokens.read("key")).token == TOKEN


async def test_a_rotation_changes_the_key_and_nothing_else(
    filled: SqlStore, settings: Settings, file: KeyFile, open_again: OPEN
) -> None:
    old, derived = file.read(), filled.derive_key("any")
    await rotate_key_file(filled, settings)
    assert file.read() != old
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert not file.previous.exists()
    await opens_with_everything(open_again)
    assert (await open_again()).derive_key("any") == derived


async def test_the_old_key_opens_nothing_any_more(
    filled: SqlStore, settings: Settings, file: KeyFile
) -> None:
    old = file.read()
    await rotate_key_file(filled, settings)
    file.write(old)
    with pytest.raises(StoreUnusable, match="does not open"):
        await open_store(settings)


async def test_a_store_that_ran_on_finds_the_new_key(
    filled: SqlStore, settings: Settings, open_again: OPEN
) -> None:
    running = await open_again()
    for _ in range(2):
        await rotate_key_file(filled, settings)
    assert await values(running, "acme") == {"k": "theirs"}
    await running.put_secret("new-tenant", "k", Secret("new"), actor="ada")
    assert await values(await open_again(), "new-tenant") == {"k": "new"}


async def test_writers_go_on_during_rotations(filled: SqlStore, settings: Settings, open_again: OPEN) -> None:
    writer = await open_again()

    async def write() -> None:
        for number in range(20):
            await writer.put_secret(f"tenant-{number}", "k", Secret(str(number)), actor="ada")

    async def rotate() -> None:
        for _ in range(5):
            await rotate_key_file(filled, settings)

    await asyncio.gather(write(), rotate())
    again = await open_again()
    for number in range(20):
        assert await values(again, f"tenant-{number}") == {"k": str(number)}


async def test_died_before_the_data_keys_were_sealed_again(
    filled: SqlStore, settings: Settings, file: KeyFile, open_again: OPEN
) -> None:
    new = new_key()
    file.previous.write(file.read())
    file.write(new)
    await opens_with_everything(open_again)
    assert file.read() == new
    assert not file.previous.exists()
    await opens_with_everything(open_again)
    assert await values(filled, "acme") == {"k": "theirs"}


async def test_died_before_the_new_key_was_in_place(
    filled: SqlStore, file: KeyFile, open_again: OPEN
) -> None:
    file.previous.write(file.read())
    await opens_with_everything(open_again)
    assert not file.previous.exists()


async def test_died_before_the_previous_key_was_removed(
    filled: SqlStore, settings: Settings, file: KeyFile, open_again: OPEN
) -> None:
    old = file.read()
    await rotate_key_file(filled, settings)
    file.previous.write(old)
    await opens_with_everything(open_again)
    assert not file.previous.exists()


async def test_only_the_previous_key_is_left(filled: SqlStore, file: KeyFile, open_again: OPEN) -> None:
    file.path.rename(file.previous.path)
    await opens_with_everything(open_again)
    assert file.exists()
    assert not file.previous.exists()


async def test_a_rotation_after_an_interrupted_one_keeps_the_key_that_opens(
    filled: SqlStore, settings: Settings, file: KeyFile, open_again: OPEN
) -> None:
    file.previous.write(file.read())
    file.write(new_key())
    await rotate_key_file(filled, settings)
    await opens_with_everything(open_again)


async def test_rotations_that_fail_half_way_never_lose_the_key_that_opens(
    filled: SqlStore, settings: Settings, open_again: OPEN, sql: Callable[..., list[Any]]
) -> None:
    sql("CREATE TRIGGER full BEFORE UPDATE ON deployment BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    for _ in range(2):
        with pytest.raises(IntegrityError):
            await rotate_key_file(filled, settings)
    sql("DROP TRIGGER full")
    assert await values(filled) == {"k": "ours"}
    await opens_with_everything(open_again)


async def test_neither_file_opens(filled: SqlStore, settings: Settings, file: KeyFile) -> None:
    file.previous.write(new_key())
    file.write(new_key())
    with pytest.raises(StoreUnusable, match="does not open"):
        await open_store(settings)
    assert file.previous.exists()


async def test_a_key_file_that_cannot_be_written_leaves_the_old_key_in_force(
    filled: SqlStore, settings: Settings, file: KeyFile, open_again: OPEN
) -> None:
    old = file.read()
    file.previous.path.mkdir()
    with pytest.raises(StoreUnusable, match="previous"):
        await rotate_key_file(filled, settings)
    file.previous.path.rmdir()
    assert file.read() == old
    await opens_with_everything(open_again)


async def test_an_own_key_can_be_set(
    filled: SqlStore, file: KeyFile, open_again: OPEN, sql: Callable[..., list[Any]]
) -> None:
    before = sql("SELECT sealed_key FROM tenants ORDER BY name")
    new = new_key()
    await filled.rotate_key(new)
    after = sql("SELECT sealed_key FROM tenants ORDER BY name")
    assert len(after) == 2
    assert not set(before) & set(after)
    await filled.put_secret("later", "k", Secret("v"), actor="ada")
    file.write(new)
    await opens_with_everything(open_again)
    assert await values(await open_again(), "later") == {"k": "v"}
