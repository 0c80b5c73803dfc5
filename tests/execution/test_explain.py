"""What explain says of a run: real servers, and no secret in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sealgate.execution.engine import Engine
from sealgate.execution.trial import TestRequest
from sealgate.settings import Settings
from sealgate.testing import Authority
from sealgate.testing.raw import RawUpstream
from sealgate.web.studio.explained import explained_run

Explain = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def engine(tmp_path: Path, authority: Authority) -> AsyncIterator[Engine]:
    allowed = ("http://127.0.0.1:*", "https://127.0.0.1:*")
    settings = Settings(data=tmp_path / "data", egress_allow=allowed, egress_ca_file=authority.ca_file)
    async with await Engine.start(settings) as engine:
        yield engine


@pytest.fixture
def explain(engine: Engine) -> Explain:
    async def explain(**document: Any) -> dict[str, Any]:
        result = await engine.test("default", {"name": "x", **document}, TestRequest())
        return result.explain

    return explain


@pytest.mark.parametrize("tls", [False, True])
async def test_tls_is_a_step_of_its_own_on_a_new_connection(
    explain: Explain, authority: Authority, tls: bool
) -> None:
    async with RawUpstream(authority.server("127.0.0.1") if tls else None) as api:
        for _ in range(2):
            api.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", close=False)
        first, second = await explain(url=f"{api.origin}/"), await explain(url=f"{api.origin}/")
    names = [bar.name for bar in explained_run(first).bars]
    assert names.count("TLS") == tls
    assert not tls or names.index("Connect") + 1 == names.index("TLS") == names.index("Wait for the API") - 1
    connection = first["connection"]
    assert not tls or 0 < connection["tls_ms"] <= connection["connect_ms"]
    assert second["connection"] | {"head_ms": 0} == {
        "address": "127.0.0.1",
        "proxy": None,
        "reused": True,
        "connect_ms": None,
        "tls_ms": None,
        "head_ms": 0,
    }
