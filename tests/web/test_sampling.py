"""A token bucket by a clock that the test moves."""

from __future__ import annotations

import pytest

from sealgate.web.sampling import Bucket


@pytest.mark.parametrize(
    ("rate", "burst", "moments", "taken"),
    [
        (10, 3, [0, 0, 0, 0, 0], [True, True, True, False, False]),
        (10, 1, [0, 0.05, 0.1, 0.15, 0.2], [True, False, True, False, True]),
        (1, 2, [0, 0, 0, 1, 1, 2.5, 2.5, 3], [True, True, False, True, False, True, False, True]),
        (20, 2, [0, 0, 0, 100, 100, 100], [True, True, False, True, True, False]),
        (0, 1, [0, 1000], [True, False]),
    ],
    ids=["a burst", "the rate", "fractions add up", "no more than the burst is saved up", "no rate"],
)
def test_a_bucket(rate: float, burst: float, moments: list[float], taken: list[bool]) -> None:
    now = 0.0
    bucket = Bucket(rate, burst, lambda: now)
    found = []
    for now in moments:  # noqa: B007 (the clock reads it)
        found.append(bucket.take())
    assert found == taken
