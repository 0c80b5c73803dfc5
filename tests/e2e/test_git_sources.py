"""A git source on a running server: it is polled, a webhook wakes it, and its password stays inside."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "registry"))

from gateway import Gateway, exchange
from git_server import GitServer, Repository

from sealgate.testing import FakeApi


def wait_until(condition, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.05)


def compare(gateway: Gateway, directory: Path, api: FakeApi) -> None:
    """`registry check` of the next version of the file against the running server."""
    row = {"key": "X-Key", "value": "{{ get_secret('nowhere') }}"}
    second = {"name": "Second", "url": f"{api.origin}/echo", "method": "POST", "headers": [row]}
    file = directory / "next.json"
    file.write_text(json.dumps({"connectors": [second, {"name": "Third", "url": f"{api.origin}/x"}]}))
    command = [sys.executable, "-m", "sealgate", "registry", "check", str(file), "--source", "team"]
    command += ["--server", f"http://127.0.0.1:{gateway.admin_port}"]
    environment = {**os.environ, **gateway.environment, "SEALGATE_DATA": str(directory / "none")}
    shown = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    for line in ("created: third", "updated: second", "    -GET", "    +POST"):
        assert line in shown.stdout.splitlines()
    answer = json.loads(
        subprocess.run([*command, "--json"], env=environment, capture_output=True, text=True).stdout
    )
    assert set(answer) == {"success", "errors", "warnings", "changes"}
    assert "no secret named 'nowhere'" in answer["warnings"][0]["message"]
    assert (answer["changes"]["created"], answer["changes"]["deleted"]) == (["third"], [])
    gateway.search(shown.stdout.encode() + shown.stderr.encode(), "registry check")


def test_from_a_push_to_a_call(tmp_path: Path, api: FakeApi) -> None:
    (tmp_path / "served").mkdir()
    repository = Repository(tmp_path / "served" / "team")
    repository.write(json.dumps({"connectors": [{"name": "First", "url": f"{api.origin}/echo"}]}))
    password, hook = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    (tmp_path / "gateway").mkdir()
    with (
        GitServer(repository.path.parent, "ada", password) as server,
        Gateway(tmp_path / "gateway", SEALGATE_WORKERS="1") as gateway,
    ):
        gateway.secret("git_token", password)
        gateway.secret("hook", hook)
        body = {
            "url": f"{server.origin}/team",
            "username": "ada",
            "credential": "git_token",
            "webhook_secret": "hook",
            "poll_seconds": 3600,
        }
        assert gateway.admin("PUT", "/api/v1/sources/team", body).status == 201
        wait_until(lambda: gateway.call("first").status == 200)
        commit = repository.write(
            json.dumps({"connectors": [{"name": "Second", "url": f"{api.origin}/echo"}]})
        )
        push = json.dumps({"ref": "refs/heads/main", "after": commit}).encode()
        signature = "sha256=" + hmac.new(hook.encode(), push, hashlib.sha256).hexdigest()
        path = "/api/v1/sources/team/webhook"
        assert exchange(gateway.admin_port, "POST", path, {}, push).status == 401
        taken = exchange(gateway.admin_port, "POST", path, {"X-Hub-Signature-256": signature}, push)
        assert (taken.status, taken.json) == (202, {"requested": True})
        wait_until(lambda: gateway.call("second").status == 200)
        wait_until(lambda: gateway.call("first").status == 404)
        runs = gateway.admin("GET", "/api/v1/sources/team/runs").json["runs"]
        assert [(run["trigger"], run["state"]) for run in runs] == [
            ("webhook", "completed"),
            ("poll", "completed"),
        ]
        assert (runs[0]["revision"], runs[0]["created"], runs[0]["deleted"]) == (
            commit,
            ["second"],
            ["first"],
        )
        gateway.secret("git_token", "no-" + secrets.token_urlsafe(24))
        failed = gateway.admin("POST", "/api/v1/sources/team/sync")
        assert (failed.status, failed.code) == (502, "UPSTREAM_UNREACHABLE")
        compare(gateway, tmp_path, api)
        exported = gateway.admin("GET", "/api/v1/registry?source=team").json
        assert [each["permalink"] for each in exported["connectors"]] == ["second"]
