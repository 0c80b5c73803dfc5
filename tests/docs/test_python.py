"""docs/python.md: its script, its calls and its test project run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

from sealgate import Gateway
from sealgate.testing import FakeApi, OAuthServer
from sealgate.testing.misbehaviour import KINDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text()
BLOCKS = [(match[1], match[2]) for match in re.finditer(r"^```(.+)\n((?s:.*?))^```$", PAGE, re.M)]
SECRETS = {"weather_key": "k-1", "crm_client_id": "crm", "crm_client_secret": "s3cret"}


def block(kind: str) -> str:
    (text,) = [text for name, text in BLOCKS if name == kind]
    return text


@pytest.fixture
def fakes():
    with OAuthServer() as oauth, FakeApi(accepts=oauth.accepts) as api:
        oauth.add_client("crm", "s3cret")
        yield api, oauth


@pytest.fixture
def registry(tmp_path, fakes):
    api, oauth = fakes
    text = block("json registry").replace("https://api.example.com", api.origin)
    file = tmp_path / "connectors_registry.json"
    file.write_text(text.replace("https://login.example.com", oauth.origin))
    return file


def test_the_script(registry, fakes):
    script = block("python script").replace(
        "secrets=os.environ", 'secrets=os.environ, egress_allow=["http://127.0.0.1:*"]'
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=registry.parent,
        env={**os.environ, "weather_key": "k-1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == "" and done.stdout.startswith("200 {'method': 'GET'")
    assert fakes[0].requests[0].header("X-API-Key") == "k-1"


@pytest.mark.parametrize("code", [text for name, text in BLOCKS if name == "python call"])
async def test_a_call(registry, fakes, code):
    names: dict[str, object] = {}
    exec("async def run(gateway):\n" + textwrap.indent(code, "    "), names)
    allow = ["http://127.0.0.1:*"]
    async with Gateway.from_registry(registry, secrets=SECRETS, egress_allow=allow) as gateway:
        await names["run"](gateway)
    assert fakes[0].requests or "INVALID_PATH_PARAMETERS" in code


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The built package, unpacked as an installation would."""
    built = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (file,) = built.glob("*.whl")
    zipfile.ZipFile(file).extractall(built / "site")
    return built / "site"


def test_the_test_project(tmp_path, wheel):
    (tmp_path / "connectors_registry.json").write_text(block("json registry"))
    (tmp_path / "conftest.py").write_text(block("python conftest"))
    (tmp_path / "test_connectors.py").write_text(block("python test_connectors"))
    (tmp_path / "pytest.ini").write_text(block("ini"))
    where = f"import sealgate\ndef test_it(): assert sealgate.__file__.startswith({str(wheel)!r})"
    (tmp_path / "test_where.py").write_text(where)
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_each_misbehaviour_is_documented(kind):
    assert f"\n| `{kind}` |" in PAGE
