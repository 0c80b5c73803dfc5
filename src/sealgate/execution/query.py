"""The query string that goes upstream, byte for byte (REFERENCE section 7, DESIGN 6 and 14).

Order: the URL's own query, the configured rows, the caller's undeclared parameters, and last the
credential. What the caller wrote keeps its bytes: order, duplicates and encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
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
        return f"{_quoted(self.name, NAME_SAFE)}={_quoted(reveal(self.value), VALUE_SAFE)}"


def _quoted(text: str, safe: str) -> str:
    return text if text.isascii() and text.isalnum() else quote(text, safe=safe)


def caller_pairs(query: str) -> list[str]:
    """The caller's parameters as they are written. Bytes that no query may hold (RFC 3986 section 3.4) are
    encoded."""
    if NOT_IN_A_QUERY.search(query):
        query = NOT_IN_A_QUERY.sub(lambda match: quote(match[0], safe=""), query)
    return [pair for pair in query.split("&") if pair]


def _name(pair: str) -> str:
    name = pair.partition("=")[0]
    return unquote_plus(name) if "%" in name or "+" in name else name


def _names(pair: str) -> list[str]:
    """Every name that some upstream could read here: old servers also split at `;`."""
    return [_name(part) for part in pair.split(";")]


def merge_query(
    own: str | None,
    own_names: Iterable[str],
    rows: Sequence[Parameter],
    caller: Sequence[str],
    credential: Parameter | None,
    *,
    forward: bool,
) -> str | Secret[str]:
    """The query without `?`; a `Secret` when a part of it is one.

    A caller parameter is dropped when it is named like a fixed row, like one of the URL's own or like
    the credential, in any letter case: servers that ignore case would read it as that parameter.
    """
    permitted = _permitted(caller, own_names, rows, credential) if caller else []

    parts = [own] if own else []
    secret = False
    for row in rows:
        if credential and row.name == credential.name:
            continue
        overrides = [pair for pair in permitted if _name(pair) == row.name] if row.overridable else []
        secret = secret or (not overrides and isinstance(row.value, Secret))
        parts += overrides or [row.encoded]
    if forward and permitted:
        overridable = {row.name for row in rows if row.overridable}
        parts += [pair for pair in permitted if _name(pair) not in overridable] if overridable else permitted
    if credential:
        parts.append(credential.encoded)
        secret = True
    query = "&".join(parts)
    return Secret(query) if secret else query


def _permitted(
    caller: Sequence[str],
    own_names: Iterable[str],
    rows: Sequence[Parameter],
    credential: Parameter | None,
) -> Sequence[str]:
    fixed = {name.lower() for name in own_names}
    fixed |= {row.name.lower() for row in rows if not row.overridable}
    if credential:
        fixed.add(credential.name.lower())
    if not fixed:
        return caller
    return [pair for pair in caller if not any(name.lower() in fixed for name in _names(pair))]
