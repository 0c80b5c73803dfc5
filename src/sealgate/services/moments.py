"""Points in time, as people read and write them (RFC 3339)."""

from __future__ import annotations

from datetime import UTC, datetime


def timestamp(seconds: float | None, timespec: str = "seconds") -> str | None:
    """Unix seconds as UTC text such as `2026-11-24T09:30:00Z`; `timespec` is that of
    `datetime.isoformat`."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def seconds_of(value: str | float) -> float:
    """Unix seconds of an RFC 3339 text (with its offset) or of a number that is Unix seconds already.

    Raises ValueError with a text for the one who wrote it."""
    if isinstance(value, (int, float)):
        return float(value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a date and time such as 2027-01-31T12:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError("must say its offset from UTC: end it with Z or with +01:00")
    return moment.timestamp()
