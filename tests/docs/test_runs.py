"""The commands of docs/runs.md, typed as they stand there (other ports), against a real server."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from gateway import Gateway

from sealgate.testing import FakeApi

PAGE = (Path(__file__).parents[2] / "docs" / "runs.md").read_text()
FIND, LIST, CAPTURE = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S)
SHOWN = json.loads(re.search(r"^```json\n(.*?)^```$", PAGE, re.M | re.S)[1])


def shell(gateway, text):
    ports = {"8080": gateway.port, "8081": gateway.admin_port}
    for written, port in ports.items():
        text = text.replace(f"127.0.0.1:{written}", f"127.0.0.1:{port}")
    environment = {**os.environ, **gateway.environment}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", text], cwd=gateway.directory, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_refused_key_is_found(tmp_path):
    with FakeApi() as api, Gateway(tmp_path) as gateway:
        gateway.secret("weather_key", "sk-wrong-weather-key")
        authentication = {
            "type": "api_key",
            "config": {"key": "X-API-Key", "value": "{{ get_secret('weather_key') }}"},
        }
        url = f"{api.origin}/weather"
        gateway.connector(
            {"name": "Weather", "permalink": "weather", "url": url, "authentication": authentication}
        )
        api.reply_with(401, [], "")
        run = json.loads(shell(gateway, FIND))
        assert list(run) == list(SHOWN)
        same = ("connector", "method", "status", "code", "outcome", "cache_hit", "caller", "origin", "bodies")
        assert {name: run[name] for name in same} == {name: SHOWN[name] for name in same}
        assert run["explain"]["hints"][0].startswith("the API refused the key: ")
        found = shell(gateway, f"id={run['request_id']}\n{LIST}")
        assert found.count(run["request_id"]) == 3
        assert json.loads(shell(gateway, CAPTURE))["connector"] == "weather"
