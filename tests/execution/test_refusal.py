"""What a test of a composite connector shows of the error page that ended it: bounded, without a secret."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sealgate.errors import SealgateError
from sealgate.execution.composite import CompositeRun
from sealgate.execution.engine import Engine
from sealgate.execution.refusal import MOST
from sealgate.execution.timing import Timing
from sealgate.execution.trial import TestRequest
from sealgate.secret import Secret
from sealgate.services.connectors import create_connector
from sealgate.services.secrets import put_secret
from sealgate.settings import Settings
from sealgate.testing import FakeApi
from sealgate.web.studio.explained import explained_run

CANARY = "canary-of-a-refusal-7ac95e10"
KEY = {"type": "api_key", "config": {"key": "X-Key", "value": "{{ get_secret('key') }}"}}
JSON = [("Content-Type", "application/json")]


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    settings = Settings(data=tmp_path / "data", egress_allow=("http://127.0.0.1:*",))
    async with await Engine.start(settings) as engine:
        await put_secret(engine, "default", "key", Secret(CANARY), actor="test")
        await engine.refresh()
        yield engine


def document(api: FakeApi, path: str) -> dict[str, Any]:
    steps = [
        {"name": "find", "url": f"{api.origin}/find", "authentication": KEY},
        {"name": "show", "url": f"{api.origin}{path}", "headers": [{"key": "A", "value": "b"}]},
    ]
    return {"name": "Both", "steps": steps}


BODIES = [
    pytest.param(b'{"error": "no contact 12"}', '{"error": "no contact 12"}', False, id="as it came"),
    pytest.param(f"you sent {CANARY}!".encode(), "you sent [redacted]!", False, id="a secret"),
    pytest.param(b"", "", False, id="empty"),
    pytest.param(b"\xff\xfe", "\ufffd\ufffd", False, id="no text"),
]


@pytest.mark.parametrize(("body", "shown", "cut"), BODIES)
async def test_the_failed_step_shows_what_its_api_answered(
    engine: Engine, body: bytes, shown: str, cut: bool
) -> None:
    with FakeApi() as api:
        api.reply_with(422, JSON, body, path="/show")
        result = await engine.test("default", document(api, "/show"), TestRequest())
    find, show = result.explain["steps"]
    assert "body" not in find["response"]
    assert (show["response"]["body"], show["response"]["body_cut"]) == (shown, cut)
    assert [step["name"] for step in show["steps"]][-1] == "receive"
    assert result.error and result.error.code == "UPSTREAM_HTTP_ERROR"
    assert CANARY not in json.dumps(result.as_json())


async def test_a_secret_that_the_cut_goes_through_is_not_shown(engine: Engine) -> None:
    page = b"x" * (MOST - len(CANARY) // 2) + CANARY.encode() + b"more"
    with FakeApi() as api:
        api.reply_with(500, JSON, page, path="/show")
        result = await engine.test("default", document(api, "/show"), TestRequest())
    response = result.explain["steps"][1]["response"]
    assert response["body_cut"] and set(response["body"]) == {"x"}


async def test_studio_shows_it_at_the_step(engine: Engine) -> None:
    with FakeApi() as api:
        api.reply_with(404, JSON, '{"error": "gone"}', path="/show")
        result = await engine.test("default", document(api, "/show"), TestRequest())
    _, show = explained_run(result.explain, result.status).steps
    assert show.run and show.run.body and show.run.body.value == {"error": "gone"}
    assert [bar.name for bar in show.run.bars] and show.run.reasons


async def test_a_caller_gets_nothing_of_it(engine: Engine) -> None:
    with FakeApi() as api:
        saved = await create_connector(engine, "default", document(api, "/status/404"), actor="test")
        await engine.refresh()
        call = TestRequest().call("default", saved.stored.permalink, "POST", "r-1")
        run = engine.begin(call, Timing("r-1"))
        assert isinstance(run, CompositeRun)
        with pytest.raises(SealgateError) as refused:
            await engine.run(run)
    assert "target" not in json.dumps(refused.value.as_json())  # of the echo
    assert all(step.refusal is None for step in run.reached())
