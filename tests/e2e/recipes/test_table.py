"""Each recipe of REFERENCE section 16 has a test here."""

import re
from pathlib import Path

HERE = Path(__file__).parent
NUMBER = re.compile(r"(?:\"R|def test_r)(\d+)[ _]")


def test_no_recipe_is_left_out():
    tests = [path.read_text() for path in HERE.glob("test_*.py")]
    assert {int(number) for text in tests for number in NUMBER.findall(text)} == set(range(1, 29))
