"""How the benchmark counts: percentiles, CPU of a process tree, pictures and tables."""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

import pytest
from bench.options import Options
from bench.processes import cpu_seconds, memory_bytes, tree
from bench.report.statistics import percentile, spread
from bench.report.svg import bars
from bench.report.tables import markdown, plain
from bench.report.targets import Target, targets


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7], 0.5, 7),
        ([1, 2, 3, 4], 0.5, 2),
        ([1, 2, 3], 0.5, 2),
        (list(range(1, 101)), 0.99, 99),
        (list(range(1, 101)), 0.999, 100),
        (list(range(1, 101)), 1.0, 100),
        (list(range(1, 101)), 0.0, 1),
    ],
)
def test_percentile_is_the_nearest_rank(values, share, expected):
    assert percentile(values, share) == expected


def test_percentile_of_nothing():
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_spread_is_half_the_range_over_the_median():
    assert spread([90, 100, 120]) == pytest.approx(0.15)


SPIN = "import time\nwhile time.process_time() < {seconds}: pass\n"


def test_cpu_counts_a_child_that_runs_and_one_that_was_waited_for():
    spin = SPIN.format(seconds=0.3)
    program = (
        "import subprocess, sys\n"
        f"subprocess.run([sys.executable, '-c', {spin!r}])\n"
        f"child = subprocess.Popen([sys.executable, '-c', {spin + 'input()'!r}], stdin=subprocess.PIPE)\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
        "child.communicate(b'\\n')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline()
        deadline = time.monotonic() + 20
        while cpu_seconds(process.pid) < 0.58 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(tree(process.pid)) == 2
        assert memory_bytes(process.pid) > 1024 * 1024
        # Two times 0.3 s, and the start of three interpreters.
        assert 0.58 <= cpu_seconds(process.pid) < 2.0


def test_options():
    quick = Options.of({"QUICK": "1"})
    assert (quick.rounds, quick.seconds) == (1, 1.0)
    chosen = Options.of({"ROUNDS": "3", "SECONDS": "2", "ONLY": "envoy,api-key"})
    assert (chosen.rounds, chosen.seconds) == (3, 2.0)
    assert chosen.chosen({"envoy": 1, "nginx": 2}) == {"envoy": 1}
    assert chosen.chosen({"rows": 1, "tls": 2}) == {"rows": 1, "tls": 2}
    assert chosen.unknown({"envoy": 1}) == ["api-key"]
    with pytest.raises(SystemExit, match="must be numbers"):
        Options.of({"ROUNDS": "many"})


def test_bars_are_as_long_as_their_values():
    picture = ElementTree.fromstring(
        bars("A < B", [("Envoy", 30.0), ("Sealgate", 60.0)], unit="µs", ours="Sealgate")
    )
    space = "{http://www.w3.org/2000/svg}"
    widths = [float(bar.get("width")) for bar in picture.iter(f"{space}rect")]
    assert widths[1] == 2 * widths[0]
    assert [bar.get("class") for bar in picture.iter(f"{space}rect")] == ["bar", "bar ours"]
    assert picture.find(f"{space}text").text == "A < B"


def test_tables():
    assert plain(("a", "long"), [("xyz", "1")]) == "a    long\nxyz  1"
    assert markdown(("a", "b"), [("x|y", "1")]) == "| a | b |\n| --- | --- |\n| x\\|y | 1 |"


@pytest.mark.parametrize(
    ("target", "met"),
    [
        (Target("t", 1.3, 1.3), True),
        (Target("t", 1.3, 1.31), False),
        (Target("t", 1.8, 1.7, at_least=True), False),
        (Target("t", 1.3, None), None),
    ],
)
def test_target(target, met):
    assert target.met is met


def test_targets_are_ratios_of_what_was_measured():
    cells = [
        {"peer": peer, "scenario": "api-key", "cpu_microseconds": cpu, "half_load": None}
        for peer, cpu in (("sealgate", 60.0), ("envoy", 30.0))
    ]
    found = {target.text: target.reached for target in targets({"cells": cells, "direct": []})}
    assert found["API key: CPU against Envoy"] == 2.0
    assert found["cached OAuth: CPU against Envoy"] is None


def test_cores_are_left_alone_by_importing():
    before = os.sched_getaffinity(0)
    import bench.__main__  # noqa: F401

    assert os.sched_getaffinity(0) == before
