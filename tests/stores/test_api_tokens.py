from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from sealgate.errors import NotFound
from sealgate.secret import Secret
from sealgate.stores import SqlStore


async def test_a_token_is_found_by_its_text(store: SqlStore) -> None:
    token, text = await store.create_api_token(
        "acme",
        "ci",
        frozenset({"read", "execute"}),
        permalinks=["weather"],
        origins=["https://app.example.com"],
        expires_at=2_000_000_000.5,
        actor="ada",
    )
    assert re.fullmatch(r"sgt_[A-Za-z0-9_-]{43}", text.reveal())
    assert await store.find_api_token(text) == ("acme", token)
    assert list(await store.list_api_tokens("acme")) == [token]
    assert not await store.list_api_tokens("default")
    assert token.scopes == frozenset({"read", "execute"})
    assert (token.permalinks, token.origins) == (("weather",), ("https://app.example.com",))
    assert token.expires_at == 2_000_000_000.5


async def test_its_text_is_not_stored(store: SqlStore, sql: Callable[..., list[Any]]) -> None:
    _, text = await store.create_api_token("default", "ci", frozenset({"read"}), actor="ada")
    (row,) = sql("SELECT * FROM api_tokens")
    assert text.reveal() not in str(row)
    assert text.reveal().removeprefix("sgt_") not in str(row)


async def test_two_tokens_of_one_name_are_two(store: SqlStore) -> None:
    first, one = await store.create_api_token("default", "ci", frozenset({"read"}), actor="ada")
    second, two = await store.create_api_token("default", "ci", frozenset({"read"}), actor="ada")
    assert first.id != second.id
    assert one != two
    await store.delete_api_token("default", first.id, actor="ada")
    assert await store.find_api_token(one) is None
    assert await store.find_api_token(two) == ("default", second)


@pytest.mark.parametrize(
    "text",
    ["", "sgt_", "sgt_" + "A" * 43, "sgt_" + "A" * 44, "\ud800", "sgt_" + "A" * 43 + "\n", "' OR 1=1 --"],
)
async def test_no_other_text_finds_a_token(store: SqlStore, text: str) -> None:
    await store.create_api_token("default", "ci", frozenset({"read"}), actor="ada")
    assert await store.find_api_token(Secret(text)) is None


async def test_a_tenant_cannot_delete_the_token_of_another(store: SqlStore) -> None:
    token, text = await store.create_api_token("acme", "ci", frozenset({"read"}), actor="ada")
    with pytest.raises(NotFound):
        await store.delete_api_token("default", token.id, actor="ada")
    assert await store.find_api_token(text) is not None
