from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sealgate.settings import Settings
from sealgate.stores import SqlStore, open_store

# Test modules are loaded by path; what they share is found here.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
async def open_again(settings: Settings) -> AsyncIterator[Callable[[], Awaitable[SqlStore]]]:
    """Opens another store on the same file, as another process of the deployment would."""
    opened: list[SqlStore] = []

    async def open_one() -> SqlStore:
        opened.append(await open_store(settings))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_again: Callable[[], Awaitable[SqlStore]]) -> SqlStore:
    return await open_again()


@pytest.fixture
def sql(settings: Settings) -> Callable[..., list[Any]]:
    """Runs a statement on the file behind Sealgate's back."""

    def run(statement: str, *parameters: Any) -> list[Any]:
        connection = sqlite3.connect(settings.data / "sealgate.db", timeout=10)
        try:
            with connection:
                return connection.execute(statement, parameters).fetchall()
        finally:
            connection.close()

    return run


@pytest.fixture
def processes(settings: Settings) -> AsyncIterator[Callable[[str, int], list[str]]]:
    """Runs a script in several processes that pass `ready()` at the same time; gives what each printed.
    In the script, `settings` are those of the test."""

    def run(script: str, count: int) -> list[str]:
        prelude = (
            "import asyncio, sys\nfrom pathlib import Path\nfrom sealgate.settings import Settings\n"
            f"settings = Settings(data=Path({str(settings.data)!r}))\n"
            "def ready():\n    print('ready', flush=True)\n    sys.stdin.readline()\n"
        )
        started = [
            subprocess.Popen(
                [sys.executable, "-c", prelude + script],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(count)
        ]
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        printed = [process.communicate(timeout=30)[0].strip() for process in started]
        assert [process.returncode for process in started] == [0] * count
        return printed

    return run
