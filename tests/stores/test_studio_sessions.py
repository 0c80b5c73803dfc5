"""Login links are used once, sessions are found until they end."""

from __future__ import annotations

import time

import pytest

from sealgate.errors import NotFound
from sealgate.secret import Secret
from sealgate.stores import SqlStore
from sealgate.stores.studio_ports import StudioSession

SCOPES = frozenset({"read", "write"})


async def test_a_link_is_good_once(store: SqlStore) -> None:
    text = await store.create_login_link("acme", "ada", SCOPES, expires_at=time.time() + 60, actor="test")
    assert await store.use_login_link(text) == ("acme", "ada", SCOPES)
    assert await store.use_login_link(text) is None


async def test_an_expired_link_is_good_never(store: SqlStore) -> None:
    text = await store.create_login_link("acme", "ada", SCOPES, expires_at=time.time() - 1, actor="test")
    assert await store.use_login_link(text) is None


async def test_a_session_is_found_by_its_text_alone(store: SqlStore) -> None:
    session, text = await store.create_studio_session(
        "acme", "ada", SCOPES, user_agent="Browser", expires_at=time.time() + 60
    )
    assert await store.find_studio_session(text, idle=60) == session
    assert await store.find_studio_session(Secret(session.id), idle=60) is None
    assert await store.find_studio_session(Secret("\ud800"), idle=60) is None
    assert await store.find_studio_session(text, idle=-1) is None
    assert list(await store.list_studio_sessions("acme", idle=60)) == [session]
    assert not await store.list_studio_sessions("default", idle=60)


async def test_a_session_is_ended_by_its_tenant_alone(store: SqlStore) -> None:
    session, text = await store.create_studio_session(
        "acme", "ada", SCOPES, user_agent="", expires_at=time.time() + 60
    )
    with pytest.raises(NotFound):
        await store.delete_studio_session("default", session.id)
    await store.delete_studio_session("acme", session.id)
    assert await store.find_studio_session(text, idle=60) is None


async def test_a_session_ends_with_its_api_token(store: SqlStore) -> None:
    token, _ = await store.create_api_token("acme", "ci", SCOPES, actor="ada")
    _, text = await store.create_studio_session(
        "acme", "ci", SCOPES, user_agent="", expires_at=time.time() + 60, api_token=token.id
    )
    await store.delete_api_token("acme", token.id, actor="ada")
    assert await store.find_studio_session(text, idle=60) is None


async def test_all_sessions_but_one_are_ended(store: SqlStore) -> None:
    kept, _ = await begin(store, "acme")
    await begin(store, "acme")
    elsewhere, _ = await begin(store, "default")
    assert await store.delete_other_studio_sessions("acme", kept.id) == 1
    assert list(await store.list_studio_sessions("acme", idle=60)) == [kept]
    assert list(await store.list_studio_sessions("default", idle=60)) == [elsewhere]


async def test_a_link_that_waits_is_listed_and_can_be_withdrawn(store: SqlStore) -> None:
    now = time.time()
    await store.create_login_link("acme", "late", SCOPES, expires_at=now - 1, actor="test")
    text = await store.create_login_link("acme", "ada", SCOPES, expires_at=now + 60, actor="test")
    (link,) = await store.list_login_links("acme")
    assert (link.name, link.scopes, link.created_by, link.expires_at) == ("ada", SCOPES, "test", now + 60)
    assert text.reveal() not in repr(link)
    for tenant, id in (("default", link.id), ("acme", "no-id")):
        with pytest.raises(NotFound):
            await store.delete_login_link(tenant, id)
    await store.delete_login_link("acme", link.id)
    assert await store.use_login_link(text) is None
    assert not await store.list_login_links("acme")


async def begin(store: SqlStore, tenant: str) -> tuple[StudioSession, Secret[str]]:
    return await store.create_studio_session(
        tenant, "ada", SCOPES, user_agent="", expires_at=time.time() + 60
    )
