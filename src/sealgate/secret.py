"""A value that cannot be printed.

Redaction is a property of the type, not of a list of key names: a `Secret` shows nothing in `str`,
`repr`, formatting, logs, tracebacks' locals or pickles. Only `reveal()` gives the value, and only
the code that signs with it or writes it to the wire may call that.
"""

from __future__ import annotations

import hmac
from typing import Generic, NoReturn, TypeVar, overload

Text = TypeVar("Text", str, bytes)
MASK = "••••••"


class Secret(Generic[Text]):
    """A `str` or `bytes` that must not be shown. Compares in constant time; is not hashable."""

    __slots__ = ("_value",)

    def __init__(self, value: Text) -> None:
        self._value: Text = value

    def reveal(self) -> Text:
        """The value itself, for signing and for the wire."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_as_bytes(self._value), _as_bytes(other._value))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled or copied out of the process")


@overload
def reveal(value: str | Secret[str]) -> str: ...
@overload
def reveal(value: bytes | Secret[bytes]) -> bytes: ...
def reveal(value: str | bytes | Secret[str] | Secret[bytes]) -> str | bytes:
    """The plain value of what may or may not be a secret."""
    return value.reveal() if isinstance(value, Secret) else value


def _as_bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
