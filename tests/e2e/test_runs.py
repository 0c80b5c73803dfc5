"""Runs: a call that failed is found by its request id, in a server with two workers."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gateway import Answer, Gateway

from sealgate.testing import FakeApi, OAuthServer

FOUND_SECONDS = 10
"""Runs are written about once a second; the rest is for a busy machine."""
PAGE = "https://app.example"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    directory = tmp_path_factory.mktemp("runs")
    settings = {"SEALGATE_ANONYMOUS_ACCESS": "false", "SEALGATE_CORS_ORIGINS": PAGE}
    with Gateway(directory, **settings) as running:
        yield running


def run_of(gateway: Gateway, answer: Answer, tenant: str = "") -> dict[str, Any]:
    """The run of a call, by the id in its reply."""
    prefix = f"/t/{tenant}" if tenant else ""
    path = f"{prefix}/api/v1/runs/{answer.header('X-Request-ID')}"
    found = until(lambda: gateway.admin("GET", path), lambda found: found.status == 200)
    return found.json


def until(ask: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + FOUND_SECONDS
    while not good(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)
    return answer


def listed(gateway: Gateway, query: str) -> list[dict[str, Any]]:
    answer = gateway.admin("GET", f"/api/v1/runs?{query}")
    assert answer.status == 200, answer.body
    return answer.json["runs"]


def command(gateway: Gateway, *arguments: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SEALGATE_")}
    done = subprocess.run(
        [sys.executable, "-m", "sealgate", *arguments],
        env={**inherited, **gateway.environment},
        capture_output=True,
        cwd=gateway.directory,
        check=True,
    )
    gateway.search(done.stdout + done.stderr, " ".join(arguments))
    return done.stdout.decode()


def test_a_failed_call_is_found_and_explained(gateway: Gateway, oauth: OAuthServer) -> None:
    gateway.secret("key", secrets.token_hex(16))
    session = gateway.session(sub="ada-7", email="ada@example.com")
    gateway.canaries.add(session)
    with FakeApi() as api:
        permalink = gateway.connector(
            {
                "url": f"{api.origin}/v1/orders",
                "authentication": {
                    "type": "api_key",
                    "config": {"key": "X-Key", "value": "{{ get_secret('key') }}"},
                },
                "headers": [{"key": "X-User", "value": "{{ user.email }}"}],
            }
        )
        api.reply_with(401, [("Content-Type", "text/plain")], "who are you?")
        # The session stands where it does not belong, too.
        answer = gateway.call(permalink, query=f"t={session}", headers={"Authorization": f"Bearer {session}"})
        assert answer.status == 401
        run = run_of(gateway, answer)
    assert (run["connector"], run["status"], run["outcome"]) == (permalink, 401, "failed")
    assert run["caller"] == {"source": "session", "user": "ada-7", "token": None}
    assert run["total_ms"] >= run["external_ms"] > 0
    assert run["explain"]["request"]["headers"]["X-Key"] == "$KEY"
    assert run["explain"]["request"]["headers"]["X-User"] == "ada@example.com"
    assert "the API refused the key" in run["explain"]["hints"][0]
    assert [step["name"] for step in run["explain"]["steps"]][:3] == ["admit", "render", "authenticate"]
    assert run["bodies"] is None and "who are you" not in json.dumps(run)
    shown = json.loads(command(gateway, "runs", "show", run["request_id"], "--json"))
    assert shown == run
    assert run["request_id"] in command(gateway, "runs", "list", "--user", "ada-7")


def test_calls_that_never_reach_a_connector(gateway: Gateway) -> None:
    gateway.connector({"url": "https://api.example.com"})
    refused = gateway.call("there", headers={"Authorization": "Bearer nobody-knows-this"})
    assert run_of(gateway, refused)["code"] == "AUTHENTICATION_REQUIRED"
    unknown = gateway.call("not-there", user={"sub": "7"})
    run = run_of(gateway, unknown)
    assert (run["connector"], run["status"], run["code"]) == ("not-there", 404, "CONNECTOR_NOT_FOUND")
    assert (run["outcome"], run["caller"]["user"]) == ("refused", "7")
    elsewhere = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    preflight = run_of(gateway, gateway.call("there", "OPTIONS", headers=elsewhere))
    assert preflight["origin"] == "https://evil.example"
    assert "SEALGATE_CORS_ORIGINS" in preflight["explain"]["hints"][-1]


def test_a_composite_and_a_streamed_reply(gateway: Gateway, api: FakeApi) -> None:
    step = {"name": "one", "url": f"{api.origin}/one"}
    broken = {"name": "two", "url": f"{api.origin}/two?x={{{{ get_variable('not_there') }}}}"}
    permalink = gateway.connector({"steps": [step, broken]})
    answer = gateway.call(permalink, "POST", body=b'{"my": "body"}', user={"sub": "7"})
    run = run_of(gateway, answer)
    assert run["code"] == answer.code == "VARIABLE_NOT_FOUND"
    assert [step["name"] for step in run["explain"]["steps"]] == ["one", "two"]
    streamed = gateway.connector({"url": f"{api.origin}/stream"})
    api.reply_with(200, [], b"x" * 300_000)
    run = run_of(gateway, gateway.call(streamed, user={"sub": "7"}))
    assert (run["status"], run["outcome"], run["explain"]["response"]["status"]) == (200, "succeeded", 200)


def test_load_is_sampled(gateway: Gateway, api: FakeApi) -> None:
    permalink = gateway.connector({"url": f"{api.origin}/load"})
    headers = {"Authorization": f"Bearer {gateway.session(sub='load')}"}
    began = time.monotonic()
    answers = [gateway.call(permalink, headers=headers) for _ in range(400)]
    seconds = time.monotonic() - began
    assert {answer.status for answer in answers} == {200}
    # A failure has a budget of its own.
    failed = run_of(gateway, gateway.call(permalink, "DELETE", headers=headers))
    assert failed["code"] == "METHOD_NOT_ALLOWED"
    runs = 0
    cursor = ""
    while cursor is not None:
        page = gateway.admin(
            "GET", f"/api/v1/runs?connector={permalink}&outcome=succeeded&limit=200{cursor}"
        ).json
        runs += len(page["runs"])
        cursor = page["next"] and f"&cursor={page['next']}"
    most = 2 * (50 + 10 * (seconds + 1))
    assert 0 < runs <= min(most, 400)


def test_bodies_are_captured_only_where_and_while_it_is_wished(gateway: Gateway, api: FakeApi) -> None:
    secret = f"wörd/{secrets.token_hex(12)}"
    gateway.secret("inner", secret)
    document = {"url": f"{api.origin}/bodies", "method": "POST"}
    permalink, other = gateway.connector(document), gateway.connector(document)
    path = f"/api/v1/connectors/{permalink}/capture"
    assert gateway.admin("PUT", path, {"minutes": 61}).status == 422
    assert gateway.admin("PUT", path, {"minutes": 1}).json["connector"] == permalink
    gateway.settle()
    sent = json.dumps({"hello": "capture-me", "key": secret}).encode()

    def bodies(connector: str) -> Any:
        api.reply_with(200, [("Content-Type", "text/plain")], f"you said {secret} " + "é" * 100_000)
        answer = gateway.call(connector, "POST", body=sent, user={"sub": "7"})
        assert answer.status == 200 and answer.body.decode().endswith("éé")
        run = run_of(gateway, answer)
        assert "capture-me" not in json.dumps(run["explain"])
        return run["bodies"]

    captured = bodies(permalink)
    assert json.loads(captured["request"]["text"]) == {"hello": "capture-me", "key": "[redacted]"}
    assert captured["response"]["text"].startswith("you said [redacted] é")
    assert captured["response"]["truncated"] and captured["response"]["bytes"] > 200_000
    assert len(captured["response"]["text"].encode()) <= 64 * 1024
    assert bodies(other) is None
    # Its time is over.
    database = sqlite3.connect(gateway.data / "sealgate.db", timeout=10)
    with database:
        database.execute("UPDATE captures SET until = ? WHERE permalink = ?", (time.time() - 1, permalink))
        database.execute("UPDATE changes SET value = value + 1")
        database.execute("UPDATE tenants SET changed = (SELECT value FROM changes)")
    database.close()
    gateway.settle()
    assert gateway.admin("GET", path).json == {"connector": permalink, "until": None}
    assert bodies(permalink) is None
    assert gateway.admin("PUT", path, {}).status == 200
    assert gateway.admin("DELETE", path).status == 204
    gateway.settle()
    assert bodies(permalink) is None


def test_what_users_sent_is_sealed_at_rest(gateway: Gateway, api: FakeApi) -> None:
    permalink = gateway.connector({"url": f"{api.origin}/sealed"})
    mark = secrets.token_hex(12)
    answer = gateway.call(permalink, query=f"q={mark}", user={"sub": "7", "email": "ada@example.com"})
    assert mark in run_of(gateway, answer)["explain"]["request"]["url"]
    for path in gateway.data.glob("sealgate.db*"):
        assert mark.encode() not in path.read_bytes()


def test_runs_outlive_their_connector(gateway: Gateway, api: FakeApi) -> None:
    permalink = gateway.connector({"url": f"{api.origin}/gone"})
    answer = gateway.call(permalink, user={"sub": "7"})
    before = run_of(gateway, answer)
    assert gateway.admin("DELETE", f"/api/v1/connectors/{permalink}").status == 204
    assert run_of(gateway, answer) == before
    assert [run["request_id"] for run in listed(gateway, f"connector={permalink}")] == [before["request_id"]]


def test_the_last_runs_are_written_at_the_end(gateway: Gateway, api: FakeApi) -> None:
    permalink = gateway.connector({"url": f"{api.origin}/last"})
    answer = gateway.call(permalink, user={"sub": "7"})
    gateway.restart()
    path = f"/api/v1/runs/{answer.header('X-Request-ID')}"
    assert gateway.admin("GET", path).status == 200


def test_nothing_is_recorded_when_it_is_switched_off(tmp_path: Path, api: FakeApi) -> None:
    with Gateway(tmp_path, SEALGATE_RUNS_KEPT="0") as gateway:
        permalink = gateway.connector({"url": f"{api.origin}/off"})
        assert gateway.call(permalink).status == 200
        assert gateway.call("nope").status == 404
        capture = gateway.admin("PUT", f"/api/v1/connectors/{permalink}/capture", {})
        assert (capture.status, capture.code) == (409, "CONFLICT")
        gateway.stop()
        gateway.start()
        assert listed(gateway, "") == []


def test_switching_it_off_removes_what_was_recorded(tmp_path: Path, api: FakeApi) -> None:
    with Gateway(tmp_path) as gateway:
        answer = gateway.call(gateway.connector({"url": f"{api.origin}/on"}), user={"sub": "7"})
        assert run_of(gateway, answer)["status"] == 200
        gateway.environment["SEALGATE_RUNS_KEPT"] = "0"
        gateway.restart()
        assert listed(gateway, "") == []
