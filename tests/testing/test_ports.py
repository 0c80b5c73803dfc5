"""Free ports are free, taken ones are seen; the demo API runs by itself."""

import json
import subprocess
import sys
import urllib.request
from urllib.parse import urlsplit

from sealgate.testing import FakeApi
from sealgate.testing.ports import free_ports, is_free


def test_free_ports_are_free_and_different():
    ports = free_ports(5)
    assert len(set(ports)) == 5
    assert all(map(is_free, ports))


def test_a_taken_port_is_not_free(fake_api: FakeApi):
    assert not is_free(urlsplit(fake_api.origin).port)


def serve(port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sealgate.testing", "--port", str(port)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_demo_api_runs_by_itself():
    (port,) = free_ports(1)
    with serve(port) as api:
        try:
            assert api.stdout.readline() == f"The demo API listens on http://127.0.0.1:{port}\n"
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/hello", timeout=10) as answer:
                assert json.load(answer)["path"] == "/hello"
        finally:
            api.terminate()


def test_a_taken_port_is_said(fake_api: FakeApi):
    with serve(urlsplit(fake_api.origin).port) as api:
        _, said = api.communicate(timeout=30)
    assert api.returncode == 1
    assert "choose another port with --port" in said
