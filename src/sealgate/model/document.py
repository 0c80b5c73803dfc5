"""Strict JSON: what a person wrote twice or by mistake is said, never silently resolved (RFC 8259)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding

MAX_DEPTH = 100


class _Object(dict[str, Any]):
    """A parsed object that remembers which of its member names stood there more than once."""

    __slots__ = ("repeated",)
    repeated: tuple[str, ...]


def parse_json(text: str | bytes) -> Any:
    """Parse a JSON document.

    Raises DocumentInvalid with line and column when it is not JSON, and with every repeated member
    name at once (RFC 8259 section 4: names should be unique; two readers may disagree on which
    counts)."""
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        value = json.loads(decoded, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise _invalid(f"the document is not UTF-8 text (byte {error.start})") from None
    except json.JSONDecodeError as error:
        reason = f"not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise _invalid(reason, error.lineno, error.colno) from None
    except RecursionError:
        raise _invalid(f"the document is nested more than {MAX_DEPTH} levels deep") from None
    except ValueError as error:
        raise _invalid(str(error)) from None
    faults = tuple(_repeated(value, "", 0))
    if faults:
        raise DocumentInvalid("a member name stands twice in one object", fields=faults)
    return value


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    members = _Object(pairs)
    members.repeated = ()
    if len(members) != len(pairs):
        members.repeated = tuple(
            name for name, count in Counter(name for name, _ in pairs).items() if count > 1
        )
    return members


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"not valid JSON: {text} is not a JSON number")


def _repeated(value: Any, path: str, depth: int) -> Iterator[Finding]:
    if depth > MAX_DEPTH:
        raise _invalid(f"the document is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, _Object):
        for name in value.repeated:
            yield Finding(
                _join(path, name), f"the member name {name!r} stands more than once", hint="keep one"
            )
        for name, item in value.items():
            yield from _repeated(item, _join(path, name), depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _repeated(item, _join(path, str(index)), depth + 1)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _invalid(message: str, line: int | None = None, column: int | None = None) -> DocumentInvalid:
    return DocumentInvalid(message, fields=[Finding("", message, line=line, column=column)])
