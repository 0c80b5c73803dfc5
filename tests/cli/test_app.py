import json
import subprocess
import sys

import pytest

from sealgate import __version__
from sealgate.cli.app import LATER
from sealgate.model.schema import connector_schema, registry_schema


def test_version_and_help(sealgate):
    assert sealgate("--version").stdout == f"{__version__}\n"
    text = sealgate("--help").stdout
    commands = (
        "serve",
        "demo",
        "config",
        "registry",
        "secrets",
        "variables",
        "connectors",
        "execute",
        "test",
    )
    assert all(name in text for name in (*commands, "tokens", "keys", "schema"))


def test_schema(sealgate):
    assert json.loads(sealgate("schema").stdout) == connector_schema()
    assert sealgate.json("schema", "--registry") == registry_schema()


@pytest.mark.parametrize("command", LATER, ids=lambda each: each.name)
def test_the_list_of_commands_says_what_their_modules_say(command):
    assert command.load().help.split("\n\n")[0] == command.help


def test_help_imports_no_command():
    script = (
        "import sys\nfrom sealgate.cli.app import app\n"
        "try: app(['--help'])\n"
        "except SystemExit as end: assert not end.code\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "sealgate.cli.app" in loaded
    assert not loaded & {"aiohttp", "fastapi", "jinja2", "sqlalchemy", "sealgate.cli.secrets"}
