"""Logging in a process of its own: it belongs to the whole process."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import logging, sys, structlog
from sealgate.web import logs
logs.configure(sys.argv[1])
log = structlog.get_logger("x")
log.debug("d"); log.info("i", status=200); log.error("e")
logging.getLogger("lib").info("library talk")
logging.getLogger("lib").warning("library %s", "warning")
"""


def events(level):
    run = subprocess.run([sys.executable, "-c", SCRIPT, level], capture_output=True, text=True, check=True)
    assert run.stdout == ""
    return [json.loads(line) for line in run.stderr.splitlines()]


@pytest.mark.parametrize(
    ("level", "ours"), [("debug", ["d", "i", "e"]), ("info", ["i", "e"]), ("error", ["e"])]
)
def test_one_json_object_a_line(level, ours):
    told = events(level)
    assert [line["event"] for line in told] == [*ours, "library warning"]
    assert all(line["timestamp"].endswith("Z") and line["level"] for line in told)
    assert told[-1]["logger"] == "lib"
