"""What a start finds, and what it says when it cannot go on."""

from __future__ import annotations

import base64
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from tenant_content import content_of

from sealgate.secret import Secret
from sealgate.settings import Settings
from sealgate.stores import SqlStore, StoreUnusable, open_store
from sealgate.stores.schema import metadata


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def start_fails(settings: Settings) -> str:
    with pytest.raises(StoreUnusable) as caught:
        await open_store(settings)
    assert caught.value.__cause__ is None
    return caught.value.detail


@pytest.fixture
async def sealed(settings: Settings) -> Settings:
    """The settings of a deployment that has run before."""
    store = await open_store(settings)
    await store.put_secret("default", "api_key", Secret("first value"), actor="ada")
    await store.close()
    return settings


async def test_the_first_start_makes_everything_for_its_owner_alone(settings: Settings) -> None:
    store = await open_store(settings)
    await store.put_variable("default", "region", "eu", actor="ada")
    assert store.key_created
    assert mode(settings.data) == 0o700
    assert {entry.name: mode(entry) for entry in settings.data.iterdir()} == {
        "master.key": 0o600,
        "sealgate.db": 0o600,
        "sealgate.db-shm": 0o600,
        "sealgate.db-wal": 0o600,
        "store.lock": 0o600,
    }
    await store.close()


async def test_a_later_start_takes_the_database_back_from_others(sealed: Settings) -> None:
    (sealed.data / "sealgate.db").chmod(0o644)
    await (await open_store(sealed)).close()
    assert mode(sealed.data / "sealgate.db") == 0o600


async def test_the_key_file_is_32_bytes_of_base64_under_a_comment(
    store: SqlStore, settings: Settings
) -> None:
    comment, encoded = settings.master_key_file.read_text().splitlines()
    assert comment.startswith("# ")
    assert len(base64.b64decode(encoded, validate=True)) == 32


async def test_a_later_start_finds_everything_again(sealed: Settings) -> None:
    store = await open_store(sealed)
    (secret,) = (await content_of(store)).secrets
    assert not store.key_created
    assert secret.value == Secret("first value")
    await store.close()


async def test_an_own_key_file_is_used(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "own.key"
    file.write_text(base64.b64encode(bytes(range(32))).decode())
    file.chmod(0o600)
    store = await open_store(settings.model_copy(update={"key_file": file}))
    assert not store.key_created
    assert (await store.operator_key()).reveal() == bytes(range(32))
    await store.close()


async def test_a_missing_key_beside_sealed_data(sealed: Settings) -> None:
    sealed.master_key_file.unlink()
    message = await start_fails(sealed)
    assert str(sealed.master_key_file) in message
    assert "missing" in message
    assert "backup" in message
    assert not sealed.master_key_file.exists()


async def test_a_wrong_key(sealed: Settings) -> None:
    wrong = base64.b64encode(bytes(32)).decode()
    sealed.master_key_file.write_text(wrong)
    message = await start_fails(sealed)
    assert "does not open this database" in message
    assert "backup" in message
    assert wrong not in message


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-10],
        lambda text: text.replace("\n", "\n*", 1),
        lambda text: base64.b64encode(bytes(31)).decode(),
        lambda text: "key\N{LATIN SMALL LETTER E WITH ACUTE}",
    ],
    ids=["empty", "truncated", "not base64", "31 bytes", "not ASCII"],
)
async def test_a_damaged_key(sealed: Settings, damage: Callable[[str], str]) -> None:
    sealed.master_key_file.write_text(damage(sealed.master_key_file.read_text()), encoding="utf-8")
    message = await start_fails(sealed)
    assert "no operator's key" in message
    assert "backup" in message


@pytest.mark.parametrize("others", [0o644, 0o640, 0o602])
async def test_a_key_that_others_may_read(sealed: Settings, others: int) -> None:
    sealed.master_key_file.chmod(others)
    message = await start_fails(sealed)
    assert f"{others:04o}" in message
    assert f"chmod 600 {sealed.master_key_file}" in message


async def test_a_key_file_whose_directory_is_missing(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "own.key"
    assert str(file) in await start_fails(settings.model_copy(update={"key_file": file}))


async def test_a_data_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "SEALGATE_DATA" in await start_fails(Settings(data=tmp_path / "file" / "data"))


async def test_a_database_that_is_none(settings: Settings) -> None:
    settings.data.mkdir()
    (settings.data / "sealgate.db").write_text("this is no database, whatever its name says" * 100)
    assert "not a database" in await start_fails(settings)


async def test_a_database_of_a_newer_version(sealed: Settings, sql: Callable[..., list[Any]]) -> None:
    sql("UPDATE alembic_version SET version_num = '9999'")
    assert "newer Sealgate" in await start_fails(sealed)


@pytest.mark.parametrize(
    "url",
    ["nonsense", "sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "postgresql+asyncpg://u:pw@h/d"],
)
async def test_a_database_url_without_support(settings: Settings, url: str) -> None:
    message = await start_fails(settings.model_copy(update={"database_url": url}))
    assert "SEALGATE_DATABASE_URL" in message
    assert "pw" not in message


async def test_a_database_at_another_place(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere 100%.db"
    store = await open_store(settings.model_copy(update={"database_url": f"sqlite+aiosqlite:///{path}"}))
    await store.close()
    assert mode(path) == 0o600
    assert not (settings.data / "sealgate.db").exists()


async def test_the_database_runs_as_it_should(store: SqlStore) -> None:
    async with store._database.read() as transaction:
        pragmas = {
            name: (await transaction.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
        assert (await transaction.execute(text("PRAGMA busy_timeout"))).scalar_one() > 0
    assert pragmas == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1}


async def test_migrations_give_the_schema(store: SqlStore, settings: Settings) -> None:
    engine = create_engine(f"sqlite:///{settings.data / 'sealgate.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_processes_that_start_at_once_share_one_key(processes: Callable[[str, int], list[str]]) -> None:
    printed = processes(
        """
from sealgate.stores import open_store
async def main():
    ready()
    store = await open_store(settings)
    print(store.key_created, store.derive_key("any").hex())
    await store.close()
asyncio.run(main())
""",
        3,
    )
    created, keys = zip(*(line.split() for line in printed), strict=True)
    assert sorted(created) == ["False", "False", "True"]
    assert len(set(keys)) == 1
