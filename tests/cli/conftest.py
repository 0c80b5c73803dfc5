import json

import pytest
from typer.testing import CliRunner

from sealgate.cli.app import app


class Command:
    """`sealgate …` in this process, on a data directory of its own."""

    def __init__(self, directory):
        self.data = directory / "data"
        self.environment = {"SEALGATE_DATA": str(self.data), "SEALGATE_EGRESS_ALLOW": "http://127.0.0.1:*"}

    def __call__(self, *arguments, stdin=None, exit_code=0, **environment):
        given = {**self.environment, **environment}
        result = CliRunner().invoke(app, [str(each) for each in arguments], input=stdin, env=given)
        assert result.exit_code == exit_code, (result.output, result.exception)
        return result

    def json(self, *arguments, **more):
        return json.loads(self(*arguments, "--json", **more).stdout)


@pytest.fixture
def sealgate(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Command(tmp_path)
