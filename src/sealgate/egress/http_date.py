"""HTTP-date in its three forms (RFC 9110 section 5.6.7), read strictly."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = "(?P<month>" + "|".join(_MONTHS) + ")"
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_FORMS = (
    re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>\d\d) {_MONTH} (?P<year>\d{{4}}) {_TIME} GMT"),
    re.compile(
        r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, "
        rf"(?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_TIME} GMT"
    ),
    re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})"),
)


def http_date(text: str, now: float) -> float | None:
    """Unix time in seconds, or `None` for what is no HTTP-date. `now` tells the century of a two-digit
    year: one that seems more than 50 years ahead lies in the past."""
    match = next(filter(None, (form.fullmatch(text.strip()) for form in _FORMS)), None)
    if match is None:
        return None
    year = int(match["year"])
    if len(match["year"]) == 2:
        this_year = datetime.fromtimestamp(now).year
        year += this_year // 100 * 100
        year -= 100 if year > this_year + 50 else 0
    numbers = (int(match["day"]), int(match["hour"]), int(match["minute"]), min(int(match["second"]), 59))
    month = _MONTHS.index(match["month"]) + 1
    try:
        datetime(year, month, *numbers)
    except ValueError:
        return None
    return float(timegm((year, month, *numbers)))
