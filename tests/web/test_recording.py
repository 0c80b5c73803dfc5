"""The recorder of one worker: what it samples, and what it does when the store fails."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from sealgate.caller import Caller, User
from sealgate.errors import AuthenticationRequired, SealgateError
from sealgate.execution.call import Call
from sealgate.execution.engine import Engine
from sealgate.execution.run import Run
from sealgate.execution.timing import Timing
from sealgate.message import Fields
from sealgate.request_id import new_request_id
from sealgate.secret import Secret
from sealgate.settings import Settings
from sealgate.stores.run_ports import RunFilter
from sealgate.testing import FakeApi
from sealgate.web import recording
from sealgate.web.access import Identity
from sealgate.web.capture import Capture
from sealgate.web.cors import Cors
from sealgate.web.recording import Ended, RunRecorder

PAGE = "https://app.example"
CALLER = Identity(Caller("default", User(id="7", email="ada@example.com")), "session")
Rows = tuple[tuple[str, str], ...]
SECRET = "s3cret-of-the-tests"


class Bench:
    """A recorder over a real engine, by a clock that the test moves."""

    def __init__(self, engine: Engine, data: Path) -> None:
        self.engine = engine
        self.now = 0.0
        self.recorder = RunRecorder(engine, Cors([PAGE], credentials=False), lambda: self.now)
        self._database = data / "sealgate.db"

    async def ended(self, fields: Rows = (), permalink: str = "a", query: str = "", **more: Any) -> Ended:
        """A call that went through the engine."""
        timing = Timing(new_request_id())
        call = Call(CALLER.caller, "a", "GET", query, Fields(fields), None, timing.request_id)
        run = self.engine.begin(call, timing)
        reply = await self.engine.run(run)
        status = more.pop("status", reply.status)
        return Ended(
            "default", permalink, "GET", Fields(fields), timing, CALLER, run, None, status, None
        )._replace(**more)

    def refused(self, tenant: str = "default", fields: Rows = (), permalink: str = "a") -> Ended:
        """A call that was refused at the door."""
        timing = Timing(new_request_id())
        error: SealgateError = AuthenticationRequired("who are you?", hint="sign in")
        return Ended(tenant, permalink, "GET", Fields(fields), timing, None, None, None, 401, error)

    async def recorded(self, tenant: str = "default") -> list[Any]:
        """Every run, the newest first, once all is written."""
        await self.recorder.close()
        page = await self.engine.store.runs.find(tenant, RunFilter(), limit=200)
        return [await self.engine.store.runs.get(tenant, head.request_id) for head in page.runs]

    def sql(self, statement: str) -> None:
        connection = sqlite3.connect(self._database, timeout=10)
        with connection:
            connection.execute(statement)
        connection.close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    settings = Settings(data=tmp_path, egress_allow=("http://127.0.0.1:*",), session_cookie="session")
    with FakeApi() as api:
        async with await Engine.start(settings) as engine:
            document = {
                "name": "a",
                "permalink": "a",
                "url": f"{api.origin}/",
                "headers": [{"key": "X-Key", "value": "{{ get_secret('key') }}"}],
            }
            await engine.store.put_secret("default", "key", Secret(SECRET), actor="test")
            await engine.store.put_connector("default", "a", document, actor="test")
            await engine.refresh()
            yield Bench(engine, tmp_path)


async def test_each_kind_has_a_budget_of_its_own(bench: Bench) -> None:
    good = await bench.ended()
    for number in range(300):
        bench.now = number / 100  # a hundred a second, of each
        bench.recorder.record(good._replace(timing=Timing(new_request_id())))
        bench.recorder.record(good._replace(timing=Timing(new_request_id()), status=500))
        bench.recorder.record(bench.refused())
    await bench.recorder.close()
    for outcome, (rate, burst) in recording.BUDGETS.items():
        page = await bench.engine.store.runs.find("default", RunFilter(outcome=outcome), limit=200)
        assert len(page.runs) == int(burst + rate * bench.now)


async def test_what_is_kept_of_a_call_that_ran(bench: Bench) -> None:
    ended = await bench.ended()
    bench.recorder.record(ended)
    (run,) = await bench.recorded()
    head = run.head
    assert (head.request_id, head.permalink, head.status) == (ended.timing.request_id, "a", 200)
    assert (head.caller, head.user_id, head.outcome) == ("session", "7", "succeeded")
    assert abs(head.at - time.time()) < 60
    assert run.explain["request"]["headers"]["X-Key"] == "$KEY"


async def test_what_is_kept_of_a_call_that_was_refused(bench: Bench) -> None:
    bench.recorder.record(bench.refused(permalink=f"wrong-{SECRET}"))
    bench.recorder.record(bench.refused(tenant="nobody"))
    (run,) = await bench.recorded()
    assert (run.head.permalink, run.head.caller) == ("wrong-[redacted]", None)
    assert run.explain["error"]["code"] == run.head.code == "AUTHENTICATION_REQUIRED"
    assert run.explain["hints"] == ["sign in"]


@pytest.mark.parametrize(
    ("fields", "hinted"),
    [
        ((), False),
        ((("origin", PAGE),), False),
        ((("origin", "http://gateway.example"), ("host", "gateway.example")), False),
        ((("origin", "https://evil.example"), ("host", "gateway.example")), True),
    ],
)
async def test_a_page_that_may_not_read_the_reply(bench: Bench, fields: Rows, hinted: bool) -> None:
    bench.recorder.record(await bench.ended(fields))
    (run,) = await bench.recorded()
    assert run.head.origin == dict(fields).get("origin")
    assert any("SEALGATE_CORS_ORIGINS" in hint for hint in run.explain["hints"]) == hinted


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ((("authorization", "Bearer c4nary-session"),), "c4nary-session"),
        ((("cookie", "a=b; session=c4nary-session; lang=de-DE"),), "c4nary-session"),
        ((("x-csrf-token", "c4nary-csrf"),), "c4nary-csrf"),
    ],
)
async def test_the_callers_own_credential_is_not_kept(bench: Bench, fields: Rows, shown: str) -> None:
    bench.recorder.record(await bench.ended(fields, query=f"t={shown}&lang=de-DE"))
    (run,) = await bench.recorded()
    assert shown not in repr(run.explain)
    assert "lang=de-DE" in run.explain["request"]["url"]


async def test_bodies_have_a_budget(bench: Bench) -> None:
    def capture() -> Capture:
        made = Capture()
        made.response(b"the body")
        return made

    good = await bench.ended()
    for _ in range(30):
        bench.recorder.record(good._replace(timing=Timing(new_request_id()), capture=capture()))
    runs = await bench.recorded()
    assert [run.bodies is not None for run in reversed(runs)] == [True] * 20 + [False] * 10
    assert runs[-1].bodies["response"]["text"] == "the body"


async def test_a_store_that_fails_drops_them_with_one_warning(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "GATHERED_SECONDS", 0.01)
    bench.sql("ALTER TABLE runs RENAME TO gone")
    with capture_logs() as logs:
        for _ in range(3):
            bench.recorder.record(bench.refused())
        await until(lambda: bool(logs))
    assert [(entry["event"], entry["dropped"]) for entry in logs] == [("runs_not_recorded", 3)]
    bench.sql("ALTER TABLE gone RENAME TO runs")
    bench.recorder.record(bench.refused())
    assert len(await bench.recorded()) == 1


async def test_while_the_store_is_slow_memory_is_bounded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "GATHERED_SECONDS", 0.01)
    monkeypatch.setattr(recording, "MOST_GATHERED", 15)
    holding = sqlite3.connect(bench.engine.settings.data / "sealgate.db", isolation_level=None)
    holding.execute("BEGIN IMMEDIATE")
    bench.recorder.record(bench.refused())
    await until(lambda: bench.recorder._writing is not None and not bench.recorder._gathered)
    for _ in range(20):
        bench.now += 1
        bench.recorder.record(bench.refused())
    assert len(bench.recorder._gathered) == 15
    holding.execute("ROLLBACK")
    holding.close()
    assert len(await bench.recorded()) == 16


async def test_a_run_that_cannot_be_explained_ends_no_call(bench: Bench) -> None:
    broken = await bench.ended()
    assert isinstance(broken.run, Run)
    broken.run.steps = [None]  # type: ignore[list-item]
    with capture_logs() as logs:
        bench.recorder.record(broken)
    assert [entry["event"] for entry in logs] == ["run_not_explained"]
    assert "explain.py" in logs[0]["traceback"]
    assert await bench.recorded() == []


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
