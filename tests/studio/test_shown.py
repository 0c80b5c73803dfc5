"""Values as people read them."""

from __future__ import annotations

import pytest

from sealgate.web.studio.shown import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (90, "90 s"), (5400, "90 min"), (3600, "1 h"), (86400, "24 h")],
)
def test_a_duration_is_whole_in_its_largest_unit(seconds: int, text: str) -> None:
    assert duration(seconds) == text
