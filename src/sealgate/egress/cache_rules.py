"""What may be stored and for how long (RFC 9111, RFC 5861): the only file that knows the HTTP cache library.

The library's state machine says whether RFC 9111 section 3 permits to store a response and how a 304
changes a stored one. Ours are the stricter rules of REFERENCE section 9, the freshness lifetime and the
age: the library reads the wall clock, takes a response without `Date` for new for ever, does not count
`Age`, and guesses a lifetime from `Last-Modified`. We guess none: an admin could not see why a change
does not arrive.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate

import hishel

from sealgate.egress.http_date import http_date
from sealgate.egress.stored import Stored, selecting_values
from sealgate.message import Response

METHODS = frozenset({"GET", "HEAD"})
STATUSES = frozenset({200, 301, 308})
FAILURES = frozenset({500, 502, 503, 504})
"""What RFC 5861 section 4 calls an error."""

_NEVER_STORED = frozenset({"no-store", "no-cache", "private"})
_OF_USE = frozenset({"cache-control", "expires", "etag", "last-modified"})
_NEVER_STALE = frozenset({"must-revalidate", "proxy-revalidate"})
_LONGEST = 2**31
"""Seconds; RFC 9111 section 1.2.2."""
_DIRECTIVE = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_SECONDS = re.compile(r'[0-9]+|"[0-9]+"')

Fields = tuple[tuple[str, str], ...]
Connector = tuple[str, str, str | None]
"""Tenant, permalink and, in a composite connector, the step."""
Directives = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class CacheRequest:
    """A request as the cache sees it.

    `key` tells it from every request with another answer: tenant, connector, method, target, identity.
    `public_key` leaves the identity out, for responses that say `public`; `None` where nothing may be
    shared. `target` is a digest of where it goes, for invalidation. `headers` holds the header fields
    that `Vary` can name, in lower case."""

    tenant: str
    permalink: str
    method: str
    key: str
    target: str
    step: str | None = None
    public_key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def connector(self) -> Connector:
        return self.tenant, self.permalink, self.step

    @property
    def keys(self) -> tuple[str, ...]:
        """Where to look, in this order."""
        return (self.key,) if self.public_key is None else (self.public_key, self.key)

    @property
    def flight(self) -> str:
        """Requests with the same of these may have the same answer."""
        return self.public_key or self.key


def promises(response: Response) -> bool:
    """Whether a response could be of use to the cache, as far as a glance at its head tells."""
    fields = response.headers
    return (
        response.status in STATUSES
        and any(name in _OF_USE for name, _ in fields)
        and not _NEVER_STORED & directives(fields).keys()
    )


def is_public(request: CacheRequest, fields: Fields) -> bool:
    """Whether other identities may have this response as well. One that sets a cookie is personal,
    whatever it says."""
    return (
        request.public_key is not None
        and "public" in directives(fields)
        and _first(fields, "set-cookie") is None
    )


def storable(
    request: CacheRequest, response: Response, asked_at: float, now: float, *, shared: bool
) -> Stored | None:
    """The response as it may be stored, without its body; `None` when it may not, or when storing it
    would be of no use. `asked_at` is when the request went out, `now` when the head came."""
    if not promises(response):
        return None
    options = hishel.CacheOptions(shared=shared)
    state = hishel.CacheMiss(options, _request(request)).next(
        _response(response.status, _end_to_end(response.headers))
    )
    if not isinstance(state, hishel.StoreAndUse):
        return None
    fields = _fields(state.response.headers)
    stored = _with_times(response.status, fields, request.headers, asked_at, now)
    return stored if _is_allowed(fields, stored) and _is_useful(stored, now) else None


@dataclass(frozen=True, slots=True)
class Update:
    """A stored response after a 304; `keep` says whether it may stay stored."""

    stored: Stored
    keep: bool


def updated(
    request: CacheRequest, stored: Stored, not_modified: Response, asked_at: float, now: float
) -> Update | None:
    """The stored response with the header fields of a 304 (RFC 9111 section 4.3.4); `None` when the 304
    speaks of another response than the stored one."""
    entry = hishel.Entry(uuid.UUID(int=0), _request(request), _response(stored.status, stored.headers))
    answer = _end_to_end(not_modified.headers)
    if not_modified.header("date") is None:
        answer = (*answer, ("date", formatdate(now, usegmt=True)))
    state = hishel.NeedRevalidation(
        options=hishel.CacheOptions(shared=False),
        request=entry.request,
        original_request=entry.request,
        revalidating_entries=[entry],
    ).next(_response(304, answer))
    if not isinstance(state, hishel.NeedToBeUpdated):
        return None
    fields = _fields(state.updating_entries[0].response.headers)
    fresh = _with_times(stored.status, fields, request.headers, asked_at, now)
    keep = _is_allowed(fields, fresh) and _is_useful(fresh, now)
    return Update(replace(fresh, body=stored.body), keep)


def preconditions(stored: Stored) -> Fields:
    """What asks the API whether the stored response still holds (RFC 9111 section 4.3.1)."""
    pairs = (("If-None-Match", stored.header("etag")), ("If-Modified-Since", stored.header("last-modified")))
    return tuple((name, value) for name, value in pairs if value)


def directives(fields: Fields) -> Directives:
    """The directives of `Cache-Control` by lower-case name, the first of each (RFC 9111 section 4.2.1)."""
    found: dict[str, str | None] = {}
    for value in _values(fields, "cache-control"):
        for part in _DIRECTIVE.findall(value):
            name, equals, argument = part.strip().partition("=")
            # A stray space must not turn a refusal into something unknown.
            found.setdefault(name.strip().lower(), argument if equals else None)
    return found


def _end_to_end(fields: Fields) -> Fields:
    """Without the fields that `Connection` names: they are for this connection (RFC 9111 section 3.1)."""
    named = {name.strip().lower() for value in _values(fields, "connection") for name in value.split(",")}
    return tuple(row for row in fields if row[0] not in named) if named else fields


def _is_allowed(fields: Fields, stored: Stored) -> bool:
    return not (_NEVER_STORED & directives(fields).keys()) and "*" not in stored.vary


def _is_useful(stored: Stored, now: float) -> bool:
    return (
        bool(preconditions(stored)) or stored.serves_while_revalidating(now) or stored.serves_after_error(now)
    )


def _with_times(
    status: int, fields: Fields, request_headers: Mapping[str, str], asked_at: float, now: float
) -> Stored:
    given = directives(fields)
    # Whoever writes a stale-… directive grants what `s-maxage` alone would forbid; these two it cannot.
    stale_is_allowed = not (_NEVER_STALE & given.keys())
    vary = tuple(name.strip().lower() for value in _values(fields, "vary") for name in value.split(","))
    vary = tuple(sorted(set(filter(None, vary))))
    return Stored(
        status=status,
        headers=tuple(row for row in fields if row[0] != "age"),
        body=b"",
        born=now - _initial_age(fields, asked_at, now),
        lifetime=_lifetime(fields, given, now),
        stale_while_revalidate=_seconds(given, "stale-while-revalidate") if stale_is_allowed else 0.0,
        stale_if_error=_seconds(given, "stale-if-error") if stale_is_allowed else 0.0,
        vary=vary,
        selecting=selecting_values(vary, request_headers),
    )


def _initial_age(fields: Fields, asked_at: float, now: float) -> float:
    """RFC 9111 section 4.2.3."""
    made_at = _date(fields, "date", now)
    apparent = 0.0 if made_at is None else max(0.0, now - made_at)
    age = (_first(fields, "age") or "0").partition(",")[0].strip()
    corrected = min(int(age), _LONGEST) if age.isascii() and age.isdigit() else 0
    return max(apparent, corrected + (now - asked_at))


def _lifetime(fields: Fields, given: Directives, now: float) -> float:
    """RFC 9111 section 4.2.1; what cannot be read counts as stale."""
    for name in ("s-maxage", "max-age"):
        if name in given:
            return _seconds(given, name)
    if _first(fields, "expires") is None:
        return 0.0
    expires = _date(fields, "expires", now)
    made_at = _date(fields, "date", now)
    return 0.0 if expires is None else max(0.0, expires - (now if made_at is None else made_at))


def _seconds(given: Directives, name: str) -> float:
    argument = given.get(name) or ""
    return float(min(int(argument.strip('"')), _LONGEST)) if _SECONDS.fullmatch(argument) else 0.0


def _date(fields: Fields, name: str, now: float) -> float | None:
    value = _first(fields, name)
    return None if value is None else http_date(value, now)


def _values(fields: Fields, name: str) -> Iterable[str]:
    return (value for key, value in fields if key == name)


def _first(fields: Fields, name: str) -> str | None:
    return next(iter(_values(fields, name)), None)


def _request(request: CacheRequest) -> hishel.Request:
    return hishel.Request(request.method, request.target, hishel.Headers(request.headers))


def _response(status: int, fields: Fields) -> hishel.Response:
    headers: dict[str, list[str]] = {}
    for name, value in fields:
        headers.setdefault(name, []).append(value)
    return hishel.Response(status, hishel.Headers(headers))


def _fields(headers: hishel.Headers) -> Fields:
    return tuple((name, value) for name in headers for value in headers.get_list(name) or ())
