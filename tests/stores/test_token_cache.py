from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from sealgate.secret import Secret
from sealgate.stores import SqlStore
from sealgate.stores.ports import CachedToken, TokenEntry, TokenFailure

OPEN = Callable[[], Awaitable[SqlStore]]
NOW = 1_000_000.0
TOKEN = CachedToken("header", "Authorization", Secret("Bearer ünique"), NOW, NOW + 3600, NOW + 3000)
FAILURE = TokenFailure("the endpoint answered 503", "TOKEN_REQUEST_FAILED", 503, None, None, 2, NOW + 4)


async def test_nothing_is_known_of_a_new_key(store: SqlStore) -> None:
    assert await store.tokens.read("k") == TokenEntry()


async def test_a_token_comes_back_and_ends_the_lease(store: SqlStore) -> None:
    assert await store.tokens.lease("k", "me", NOW, 20)
    assert await store.tokens.read("k") == TokenEntry(leased_until=NOW + 20)
    await store.tokens.store("k", "me", TOKEN)
    assert await store.tokens.read("k") == TokenEntry(token=TOKEN)
    assert await store.tokens.read("other") == TokenEntry()


async def test_a_token_survives_a_restart(store: SqlStore, open_again: OPEN) -> None:
    await store.tokens.store("k", "me", TOKEN)
    await store.close()
    again = await open_again()
    assert await again.tokens.read("k") == TokenEntry(token=TOKEN)


async def test_one_holds_the_lease_until_it_ends(store: SqlStore, open_again: OPEN) -> None:
    other = (await open_again()).tokens
    assert await store.tokens.lease("k", "me", NOW, 20)
    assert not await other.lease("k", "you", NOW + 19, 20)
    assert await store.tokens.lease("k", "me", NOW + 19, 20)
    assert not await other.lease("k", "you", NOW + 38, 20)
    assert await other.lease("k", "you", NOW + 39, 20)
    assert not await store.tokens.lease("k", "me", NOW + 40, 20)
    assert await store.tokens.lease("another", "me", NOW + 40, 20)


async def test_a_released_lease_is_free(store: SqlStore) -> None:
    await store.tokens.lease("k", "me", NOW, 20)
    await store.tokens.release("k", "you")
    assert not await store.tokens.lease("k", "you", NOW, 20)
    await store.tokens.release("k", "me")
    assert await store.tokens.lease("k", "you", NOW, 20)


async def test_of_many_tasks_one_gets_the_lease(store: SqlStore, open_again: OPEN) -> None:
    stores = [store, await open_again()]
    won = await asyncio.gather(
        *(stores[number % 2].tokens.lease("k", f"owner-{number}", NOW, 20) for number in range(50))
    )
    assert sum(won) == 1


def test_of_several_processes_one_gets_the_lease(processes: Callable[[str, int], list[str]]) -> None:
    printed = processes(
        """
import os
from sealgate.stores import open_store
async def main():
    store = await open_store(settings)
    ready()
    print(sum([await store.tokens.lease(f"key-{n}", str(os.getpid()), 1000.0, 20) for n in range(20)]))
    await store.close()
asyncio.run(main())
""",
        3,
    )
    assert sum(map(int, printed)) == 20


async def test_a_failure_comes_back_and_ends_the_lease(store: SqlStore) -> None:
    await store.tokens.lease("k", "me", NOW, 20)
    await store.tokens.fail("k", "me", FAILURE)
    assert await store.tokens.read("k") == TokenEntry(failure=FAILURE)
    assert await store.tokens.lease("k", "you", NOW, 20)


async def test_a_token_outlives_a_failure_and_clears_it(store: SqlStore) -> None:
    await store.tokens.store("k", "me", TOKEN)
    await store.tokens.fail("k", "me", FAILURE)
    assert await store.tokens.read("k") == TokenEntry(token=TOKEN, failure=FAILURE)
    fresh = replace(TOKEN, value=Secret("Bearer fresh"))
    await store.tokens.store("k", "me", fresh)
    assert await store.tokens.read("k") == TokenEntry(token=fresh)


async def test_who_lost_the_lease_neither_ends_it_nor_reports_a_failure(store: SqlStore) -> None:
    await store.tokens.lease("k", "slow", NOW, 20)
    await store.tokens.lease("k", "next", NOW + 21, 20)
    await store.tokens.fail("k", "slow", FAILURE)
    assert await store.tokens.read("k") == TokenEntry(leased_until=NOW + 41)
    await store.tokens.store("k", "slow", TOKEN)
    assert await store.tokens.read("k") == TokenEntry(token=TOKEN, leased_until=NOW + 41)


async def test_only_the_refused_token_is_dropped(store: SqlStore) -> None:
    await store.tokens.store("k", "me", TOKEN)
    await store.tokens.drop("k", Secret("Bearer older"))
    assert (await store.tokens.read("k")).token == TOKEN
    await store.tokens.drop("k", TOKEN.value)
    assert await store.tokens.read("k") == TokenEntry()
    await store.tokens.drop("unknown", TOKEN.value)


async def test_moved_or_changed_rows_count_as_absent(store: SqlStore, sql: Callable[..., list[Any]]) -> None:
    for key in ("one", "two"):
        await store.tokens.store(key, "me", TOKEN)
        await store.tokens.fail(key, "me", FAILURE)
    sql("UPDATE token_cache SET token = (SELECT token FROM token_cache WHERE key = 'one') WHERE key = 'two'")
    assert await store.tokens.read("two") == TokenEntry(failure=FAILURE)
    assert await store.tokens.read("one") == TokenEntry(token=TOKEN, failure=FAILURE)
    sql("UPDATE token_cache SET failure = token, token = failure WHERE key = 'one'")
    assert await store.tokens.read("one") == TokenEntry()
    await store.tokens.store("two", "me", TOKEN)
    assert await store.tokens.read("two") == TokenEntry(token=TOKEN)


async def test_what_nobody_needs_any_more_is_swept(store: SqlStore, sql: Callable[..., list[Any]]) -> None:
    later = NOW + 10_000
    await store.tokens.store("expired", "me", TOKEN)
    await store.tokens.fail("failed", "me", FAILURE)
    await store.tokens.lease("abandoned", "me", NOW, 20)
    await store.tokens.store("long", "me", replace(TOKEN, expires_at=later + 1))
    await store.tokens.lease("under way", "me", later - 1, 20)
    await store.tokens.fail("failing", "me", replace(FAILURE, retry_at=later))
    await store.tokens.store("new", "me", replace(TOKEN, obtained_at=later, expires_at=later + 60))
    kept = {key for (key,) in sql("SELECT key FROM token_cache")}
    assert kept == {"long", "under way", "failing", "new"}


async def test_a_late_failure_does_not_shorten_the_life_of_a_token(
    store: SqlStore, sql: Callable[..., list[Any]]
) -> None:
    long = replace(TOKEN, expires_at=NOW + 100_000)
    await store.tokens.store("k", "me", long)
    await store.tokens.lease("k", "me", NOW, 20)
    await store.tokens.fail("k", "me", FAILURE)
    await store.tokens.store("new", "me", replace(TOKEN, obtained_at=NOW + 50_000, expires_at=NOW + 60_000))
    assert (await store.tokens.read("k")).token == long


@pytest.mark.parametrize("operation", ["lease", "store", "fail", "release", "drop"])
async def test_tokens_are_no_change_of_the_content(store: SqlStore, operation: str) -> None:
    await store.tokens.store("k", "me", TOKEN)
    before = await store.change_counter()
    arguments: dict[str, tuple[Any, ...]] = {
        "lease": ("k", "me", NOW, 20),
        "store": ("k", "me", TOKEN),
        "fail": ("k", "me", FAILURE),
        "release": ("k", "me"),
        "drop": ("k", TOKEN.value),
    }
    await getattr(store.tokens, operation)(*arguments[operation])
    assert await store.change_counter() == before
