"""The whole demo: a real `sealgate serve`, six connectors over HTTP, and nothing left behind."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sealgate.cli.demo.gateway import DemoFailed, Gateway

WITHIN = 90


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "TMPDIR": str(tmp_path),
        "SEALGATE_DATABASE_URL": "sqlite:///not-for-the-demo",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "sealgate", "demo", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
    )


def read_until(demo: subprocess.Popen[str], text: str) -> str:
    seen, deadline = "", time.monotonic() + WITHIN
    while text not in seen:
        assert time.monotonic() < deadline, seen
        line = demo.stdout.readline()
        assert line, f"ended before {text!r}:\n{seen}"
        seen += line
    return seen


def test_once_shows_six_right_rows_and_ends(tmp_path: Path):
    demo = start(tmp_path, "--once")
    output, _ = demo.communicate(timeout=WITHIN)
    assert demo.returncode == 0, output
    assert "✓ all 6 rows are right" in output
    assert "✗" not in output
    assert output.count("1 token request for 3 calls") == 2
    assert list(tmp_path.iterdir()) == []


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path):
    demo = start(tmp_path)
    output = read_until(demo, "Ctrl-C stops it")
    token, url = re.search(r"curl -H 'Authorization: Bearer (\S+)' '(\S+)'", output).groups()
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
    demo.send_signal(signal.SIGTERM)
    rest, _ = demo.communicate(timeout=WITHIN)
    assert demo.returncode == 0, rest
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(request, timeout=30)


def test_an_interrupted_start_leaves_nothing_behind(tmp_path: Path):
    demo = start(tmp_path, "--once")
    deadline = time.monotonic() + WITHIN
    while not list(tmp_path.glob("sealgate-demo-*/sealgate.log")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    demo.send_signal(signal.SIGINT)
    output, _ = demo.communicate(timeout=WITHIN)
    assert demo.returncode == 1, output
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_start_is_quoted(tmp_path: Path):
    (tmp_path / "data").write_text("a file where the data directory should be")
    with pytest.raises(DemoFailed) as failed, Gateway(tmp_path, [], usual_ports=False):
        pass
    assert re.match(r"the server ended with exit code \d+ before it was ready\n", str(failed.value))
    assert str(tmp_path / "data") in str(failed.value)


def test_a_refused_document_is_quoted(tmp_path: Path):
    with Gateway(tmp_path, [], usual_ports=False) as gateway, pytest.raises(DemoFailed) as failed:
        gateway.create_connector({"name": "", "permalink": "nameless", "url": "https://api.example.com"})
    assert "POST /api/v1/connectors answered 422" in str(failed.value)
    assert "name" in str(failed.value)
