"""The public HTTP cache tests over our cache: each case passes, or stands in the table of deviations."""

from deviations import DEVIATIONS
from player import Deviation, Player

CASES = 329
"""Of version 0.4.5, without those for browsers alone: fewer would mean that something was not read."""


async def test_every_case_passes_or_deviates_for_a_known_reason(cases, tmp_path):
    assert len(cases) == CASES
    known = {name: reason for reason, names in DEVIATIONS.items() for name in names}
    deviating = {}
    for name, case in cases.items():
        try:
            await Player(case, tmp_path / name).play()
        except Deviation as deviation:
            deviating[name] = str(deviation)
    assert {name: text for name, text in deviating.items() if name not in known} == {}
    assert known.keys() - deviating.keys() == set(), "cases that pass stand in the table"
