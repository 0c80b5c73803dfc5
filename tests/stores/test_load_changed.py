"""What a process reads to follow changes: as little as has changed, and never less."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from sealgate.errors import SealgateError
from sealgate.secret import Secret
from sealgate.settings import Settings
from sealgate.stores import SqlStore, open_store, store_in_memory
from sealgate.stores.ports import ConnectorChanges, StoredConnector, TenantContent

Held = dict[str, dict[str, StoredConnector]]


def document(name: str) -> dict[str, Any]:
    return {"name": name, "url": "https://api.example.com/"}


def held(contents: list[TenantContent]) -> Held:
    return {each.tenant: dict(each.connectors) for each in contents}


async def test_of_many_tenants_only_the_changed_one_is_loaded(store: SqlStore) -> None:
    names = [f"t-{number:02}" for number in range(30)]
    for name in names:
        await store.put_connector(name, "weather", document("Weather"), actor="ada")
    seen, contents = await store.load_changed(-1, {})
    assert sorted(each.tenant for each in contents) == names
    assert await store.load_changed(seen, held(contents)) == (seen, ())
    await store.put_variable("t-07", "region", "eu", actor="ada")
    later, contents = await store.load_changed(seen, held(contents))
    assert (later, [each.tenant for each in contents]) == (seen + 1, ["t-07"])


async def test_of_many_connectors_only_the_changed_ones_are_read(store: SqlStore) -> None:
    many = tuple((f"c-{number:04}", document(str(number))) for number in range(2500))
    await store.apply_source("default", ConnectorChanges("main", created=many), actor="sync")
    await store.put_connector("default", "mine", document("Old"), actor="ada")
    seen, contents = await store.load_changed(-1, {})
    (before,) = contents
    await store.put_connector("default", "mine", document("New"), actor="ada")
    _, (after,) = await store.load_changed(seen, held(contents))
    assert after.connectors.keys() == before.connectors.keys()
    read = [name for name, connector in after.connectors.items() if connector is not before.connectors[name]]
    assert read == ["mine"]
    assert after.connectors["mine"].document["name"] == "New"


async def test_a_connector_that_was_deleted_and_made_again_is_the_new_one(store: SqlStore) -> None:
    await store.put_connector("default", "weather", document("Old"), actor="ada")
    seen, contents = await store.load_changed(-1, {})
    await store.delete_connector("default", "weather", actor="ada")
    await store.put_connector("default", "weather", document("New"), actor="ada")
    _, (content,) = await store.load_changed(seen, held(contents))
    assert content.connectors["weather"].document == document("New")
    assert content.connectors["weather"].revision > contents[0].connectors["weather"].revision


async def test_the_upgrade_counts_every_tenant_as_changed(
    settings: Settings, sql: Callable[..., list[Any]]
) -> None:
    store = await open_store(settings)
    for tenant in ("acme", "default"):
        await store.put_connector(tenant, "weather", document("Weather"), actor="ada")
    before = await store.load_changed(-1, {})
    await store.close()
    for statement in (
        "DROP TABLE host_changes",
        "DROP TABLE public_keys",
        "DROP TABLE studio_sessions",
        "DROP TABLE login_links",
        "DROP TABLE connector_revisions",
        "DROP TABLE captures",
        "DROP TABLE runs",
        "ALTER TABLE tenants DROP COLUMN changed",
        "DROP INDEX ix_connectors_revision",
        # As the version before wrote it.
        'UPDATE connectors SET document = \'{"name": "Weather", "url": "https:\\/\\/api.example.com\\/"}\'',
        "UPDATE alembic_version SET version_num = '0002'",
    ):
        sql(statement)
    store = await open_store(settings)
    seen, contents = await store.load_changed(-1, {})
    assert seen == before[0]
    for old, new in zip(before[1], contents, strict=True):
        assert new.connectors["weather"].document == old.connectors["weather"].document
    assert sql("SELECT name, changed FROM tenants ORDER BY name") == [("acme", seen), ("default", seen)]
    await store.close()


TENANTS = st.sampled_from(["acme", "default"])
SOURCES = st.sampled_from(["main", "other"])
PERMALINKS = st.sampled_from(["a", "b", "c", "d"])
NAMES = st.sampled_from(["v", "w"])


class Follower(RuleBasedStateMachine):
    """Follows a store through any changes, and compares what it holds with what a new process finds."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.store = self.runner.run(store_in_memory())
        self.seen = -1
        self.contents: dict[str, TenantContent] = {}

    def attempt(self, work: Any) -> None:
        with suppress(SealgateError):
            self.runner.run(work)

    @rule(tenant=TENANTS, permalink=PERMALINKS, name=st.text(max_size=3))
    def put(self, tenant: str, permalink: str, name: str) -> None:
        self.attempt(self.store.put_connector(tenant, permalink, document(name), actor="ada"))

    @rule(tenant=TENANTS, permalink=PERMALINKS)
    def delete(self, tenant: str, permalink: str) -> None:
        self.attempt(self.store.delete_connector(tenant, permalink, actor="ada"))

    @rule(tenant=TENANTS, source=SOURCES, wanted=st.sets(PERMALINKS), deleted=st.sets(PERMALINKS))
    def apply(self, tenant: str, source: str, wanted: set[str], deleted: set[str]) -> None:
        created = tuple((permalink, document(source)) for permalink in sorted(wanted - deleted))
        changes = ConnectorChanges(source, created, deleted=tuple(sorted(deleted)))
        self.attempt(self.store.ensure_source(tenant, source, "upload", actor="sync"))
        self.attempt(self.store.apply_source(tenant, changes, actor="sync"))

    @rule(tenant=TENANTS, source=SOURCES, keep=st.booleans())
    def delete_source(self, tenant: str, source: str, keep: bool) -> None:
        self.attempt(self.store.delete_source(tenant, source, keep_connectors=keep, actor="ada"))

    @rule(tenant=TENANTS, name=NAMES, value=st.text("xyz", max_size=2))
    def put_variable(self, tenant: str, name: str, value: str) -> None:
        self.attempt(self.store.put_variable(tenant, name, value, actor="ada"))

    @rule(tenant=TENANTS, name=NAMES)
    def put_secret(self, tenant: str, name: str) -> None:
        self.attempt(self.store.put_secret(tenant, name, Secret("s"), actor="ada"))

    @rule(tenant=TENANTS, name=NAMES)
    def delete_values(self, tenant: str, name: str) -> None:
        self.attempt(self.store.delete_variable(tenant, name, actor="ada"))
        self.attempt(self.store.delete_secret(tenant, name, actor="ada"))

    @rule()
    def follow(self) -> None:
        before = held(list(self.contents.values()))
        self.seen, changed = self.runner.run(self.store.load_changed(self.seen, before))
        self.contents |= {each.tenant: each for each in changed}
        seen, everything = self.runner.run(self.store.load_changed(-1, {}))
        assert self.seen == seen
        assert self.contents == {each.tenant: each for each in everything}
        for tenant, connectors in before.items():
            for permalink, connector in self.contents[tenant].connectors.items():
                old = connectors.get(permalink)
                assert connector is old or old is None or connector.revision > old.revision

    def teardown(self) -> None:
        self.follow()
        self.runner.run(self.store.close())
        self.runner.close()


def test_following_gives_what_a_new_process_finds() -> None:
    run_state_machine_as_test(
        Follower, settings=hypothesis_settings(max_examples=25, stateful_step_count=20, deadline=None)
    )
