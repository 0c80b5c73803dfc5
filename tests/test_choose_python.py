"""scripts/choose-python: which interpreter `make install` takes when none is named."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "choose-python"
DISTRIBUTIONS = "/usr/bin/python3"
FITS = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))"


def chosen(tmp_path, says):
    """With a `python3` first on the path that answers every program with these words."""
    python = tmp_path / "python3"
    python.write_text(f"#!/bin/sh\n{says}\n")
    python.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run([SCRIPT], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip().replace(str(python), "ours"), done.stderr


@pytest.mark.parametrize(
    "says", ["echo 1", "exit 1"], ids=["as fast as any", "too old, or without virtual environments"]
)
def test_the_one_at_hand_is_taken(tmp_path, says):
    assert chosen(tmp_path, says) == ("ours", "")


def test_a_slow_one_gives_way_to_the_distributions(tmp_path):
    fits = Path(DISTRIBUTIONS).exists() and not subprocess.run([DISTRIBUTIONS, "-c", FITS]).returncode
    python, said = chosen(tmp_path, "echo 99000000")
    assert python == (DISTRIBUTIONS if fits else "ours")
    assert ("PYTHON=" in said) is fits
