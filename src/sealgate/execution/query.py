"""The query string that goes upstream, byte for byte (REFERENCE section 7, DESIGN 6 and 14).

Order: the URL's own query, the configured rows, the caller's undeclared parameters, and last the
credential. What the caller wrote keeps its bytes: order, duplicates and encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, unquote_plus

from sealgate.secret import Secret, reveal

NAME_SAFE = "[]"
VALUE_SAFE = ",:/@"
NOT_IN_A_QUERY = re.compile(r"[^!$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~|{}^`\\\"<>]")


@dataclass(frozen=True)
class Parameter:
    """A rendered query row, or the credential."""

    name: str
    value: str | Secret[str]
    overridable: bool = False

    @cached_property
    def encoded(self) -> str:
        """`name=value`, percent-encoded as UTF-8 (RFC 3986 section 2.1)."""
        return f"{quote(self.name, safe=NAME_SAFE)}={quote(reveal(self.value), safe=VALUE_SAFE)}"


@dataclass(frozen=True, slots=True)
class CallerPair:
    """One parameter as the caller wrote it."""

    raw: str

    @property
    def name(self) -> str:
        return unquote_plus(self.raw.partition("=")[0])

    def names(self) -> Iterator[str]:
        """Every name that some upstream could read here: old servers also split at `;`."""
        for part in self.raw.split(";"):
            yield unquote_plus(part.partition("=")[0])


def caller_pairs(query: str) -> tuple[CallerPair, ...]:
    """The caller's parameters. Bytes that no query may hold (RFC 3986 section 3.4) are encoded."""
    if not query:
        return ()
    cleaned = NOT_IN_A_QUERY.sub(lambda match: quote(match[0], safe=""), query)
    return tuple(CallerPair(raw) for raw in cleaned.split("&") if raw)


def merge_query(
    own: str | None,
    own_names: Iterable[str],
    rows: Iterable[Parameter],
    caller: Iterable[CallerPair],
    credential: Parameter | None,
    *,
    forward: bool,
) -> str | Secret[str]:
    """The query without `?`; a `Secret` when a part of it is one.

    A caller parameter is dropped when it is named like a fixed row, like one of the URL's own or like
    the credential, in any letter case: servers that ignore case would read it as that parameter.
    """
    rows = tuple(rows)
    caller = tuple(caller)
    permitted = _permitted(caller, own_names, rows, credential) if caller else []

    parts = [own] if own else []
    secret = False
    for row in rows:
        if credential and row.name == credential.name:
            continue
        overrides = [pair.raw for pair in permitted if pair.name == row.name] if row.overridable else []
        secret = secret or (not overrides and isinstance(row.value, Secret))
        parts += overrides or [row.encoded]
    if forward and permitted:
        overridable = {row.name for row in rows if row.overridable}
        parts += [pair.raw for pair in permitted if pair.name not in overridable]
    if credential:
        parts.append(credential.encoded)
        secret = True
    query = "&".join(parts)
    return Secret(query) if secret else query


def _permitted(
    caller: Iterable[CallerPair],
    own_names: Iterable[str],
    rows: Iterable[Parameter],
    credential: Parameter | None,
) -> list[CallerPair]:
    fixed = {name.lower() for name in own_names}
    fixed |= {row.name.lower() for row in rows if not row.overridable}
    if credential:
        fixed.add(credential.name.lower())
    return [pair for pair in caller if not any(name.lower() in fixed for name in pair.names())]
