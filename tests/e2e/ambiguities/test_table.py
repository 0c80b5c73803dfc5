"""The table of docs/compatibility.md is whole: each ambiguity has a line there and a test here."""

import re
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
ALL = set(range(1, 35))
ELSEWHERE = {
    15: "tests/e2e/test_composites.py",
    25: "tests/sdk/test_errors.py",
    26: "tests/sdk/test_adapter.py",
}
"""Tested where the thing itself is: a total deadline wants a gateway with a short one, the SDK a browser."""

NUMBER = re.compile(r"\b(?:test_)?17[._](\d+)[ _]")


def test_each_ambiguity_has_a_line_in_the_documentation():
    section = (ROOT / "docs/compatibility.md").read_text().split("## Its ambiguities, one by one")[1]
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", section, re.M)] == sorted(ALL)


def test_each_ambiguity_has_a_test():
    others = (path for path in HERE.glob("test_*.py") if path.name != Path(__file__).name)
    here = {int(number) for path in others for number in NUMBER.findall(path.read_text())}
    assert here | ELSEWHERE.keys() == ALL
    assert not here & ELSEWHERE.keys()
    for place in ELSEWHERE.values():
        assert (ROOT / place).exists(), place
