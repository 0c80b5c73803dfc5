"""`sealgate sources …` and `registry export` on a real repository."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "registry"))

from git_server import Repository, registry


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path / "team")
    made.write(registry("A"))
    return made


def test_their_life(sealgate, repository, tmp_path):
    local = {"SEALGATE_GIT_ALLOW_LOCAL": "true"}
    assert sealgate("sources", "set", "team", "--url", repository.path, **local).stdout == "created team\n"
    assert sealgate("sources", "sync", "team", **local).stdout == "created: a\n"
    assert "completed" in sealgate("sources", "list").stdout
    assert sealgate.json("sources", "show", "team")["connectors"] == ["a"]
    (run,) = sealgate.json("sources", "runs", "team")["runs"]
    assert (run["trigger"], run["created"]) == ("manual", ["a"]) and run["actor"].startswith("cli")
    exported = sealgate("registry", "export", "--source", "team").stdout
    assert [each["permalink"] for each in json.loads(exported)["connectors"]] == ["a"]
    sealgate("registry", "export", "--output", tmp_path / "all.json")
    assert (tmp_path / "all.json").read_text() == exported
    assert sealgate("sources", "delete", "team").stdout == "deleted team; deleted: a\n"
    assert sealgate.json("sources", "list") == {"sources": []}


def test_faults(sealgate, repository):
    answer = sealgate.json("sources", "set", "team", "--url", repository.path, "--branch", "-x", exit_code=1)
    assert {fault["path"] for fault in answer["errors"]["fields"]} == {"url", "branch"}
    sealgate("sources", "sync", "nobody", exit_code=1)
