import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealgate.services.moments import seconds_of, timestamp


@given(st.integers(0, 4_000_000_000))
def test_round_trip(seconds):
    assert seconds_of(timestamp(seconds)) == seconds


def test_never_has_no_timestamp():
    assert timestamp(None) is None


@pytest.mark.parametrize("text", ["", "soon", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z"])
def test_unreadable(text):
    with pytest.raises(ValueError, match="must"):
        seconds_of(text)
