"""Operators and methods of values, each paid for before it is done.

Sandboxed Jinja asks here what `*` or `str.replace` may do: what it makes may be large, what it takes
may be long, and some of it never ends.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from sealgate.templates.limits import Budget, LimitExceeded

Operation = Callable[[Any, Any], Any]
OPERATORS: Mapping[str, Operation] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
Sequence = (str, bytes, list, tuple)


def binary(budget: Budget, symbol: str, left: Any, right: Any) -> Any:
    """`left symbol right`. Raises LimitExceeded, or TypeError as Python does."""
    if symbol == "%" and isinstance(left, (str, bytes)):
        raise TypeError("`%` does not format text here; write the value into the template")
    if symbol == "*":
        _multiplied(budget, left, right)
    elif symbol == "+":
        _added(budget, left, right)
    elif symbol == "**":
        _raised(budget, left, right)
    return OPERATORS[symbol](left, right)


def _multiplied(budget: Budget, left: Any, right: Any) -> None:
    for value, times in ((left, right), (right, left)):
        if isinstance(value, Sequence) and isinstance(times, int):
            _made(budget, value, len(value) * max(times, 0))
            return
    if isinstance(left, int) and isinstance(right, int):
        budget.number(left.bit_length() + right.bit_length())


def _added(budget: Budget, left: Any, right: Any) -> None:
    if isinstance(left, Sequence) and isinstance(right, Sequence):
        _made(budget, left, len(left) + len(right))
    elif isinstance(left, int) and isinstance(right, int):
        budget.number(max(left.bit_length(), right.bit_length()) + 1)


def _raised(budget: Budget, left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int) and right > 0:
        budget.number(left.bit_length() * right if abs(left) > 1 else 1)


def _made(budget: Budget, like: Any, length: int) -> None:
    if isinstance(like, (str, bytes)):
        budget.made(length)
    else:
        budget.listed(length)


TEXT_METHODS = frozenset(
    {"capitalize", "casefold", "center", "count", "endswith", "find", "index", "isalnum", "isalpha",
     "isascii", "isdecimal", "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "join",
     "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex",
     "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase",
     "title", "upper", "zfill"}
)  # fmt: skip
METHODS: Mapping[type, frozenset[str]] = {
    str: TEXT_METHODS,
    bytes: frozenset({"decode", "hex"}),
    list: frozenset(
        {"append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"}
    ),
    tuple: frozenset({"count", "index"}),
    dict: frozenset(
        {"clear", "copy", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"}
    ),
    float: frozenset({"is_integer"}),
    int: frozenset(),
}
_CHEAP = frozenset({"append", "pop", "get", "setdefault", "items", "keys", "values", "popitem"})
_PADDING = frozenset({"center", "ljust", "rjust", "zfill"})
_COMPARING = frozenset({"count", "index", "remove", "sort"})


def method_allowed(owner: Any, name: str) -> bool:
    """Whether a template may call this method of a value."""
    return any(name in names for kind, names in METHODS.items() if isinstance(owner, kind))


def pay_for_method(
    budget: Budget, owner: Any, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> None:
    """Before `owner.name(*args, **kwargs)` is called. Raises LimitExceeded."""
    for argument in (*args, *kwargs.values()):
        if isinstance(argument, tuple) or (name in _COMPARING and isinstance(owner, (list, tuple))):
            budget.walk(argument)
        else:
            budget.read(argument)
    if isinstance(owner, str):
        _text_method(budget, owner, name, args)
    elif isinstance(owner, bytes):
        budget.made(len(owner) * 2)
    elif isinstance(owner, (list, tuple)) and name in _COMPARING:
        budget.walk(owner)
    elif isinstance(owner, list) and name == "extend":
        _extended(budget, owner, args)
    elif name not in _CHEAP:
        budget.read(owner)


def _extended(budget: Budget, owner: list[Any], args: tuple[Any, ...]) -> None:
    added = args[0] if args else ()
    if not hasattr(added, "__len__"):
        raise LimitExceeded("`extend` takes a list here: add `| list`")
    budget.listed(len(owner) + len(added))


def _text_method(budget: Budget, text: str, name: str, args: tuple[Any, ...]) -> None:
    budget.read(text)
    if name in _PADDING and args and isinstance(args[0], int):
        budget.made(max(args[0], len(text)))
    elif name == "replace" and len(args) >= 2 and all(isinstance(part, str) for part in args[:2]):
        replaced(budget, text, args[0], args[1])
    elif name in ("split", "rsplit", "splitlines"):
        separator = args[0] if args and isinstance(args[0], str) and args[0] else None
        budget.listed(1 + (text.count(separator) if separator else len(text) // 2))
    elif name == "join" and args:
        joined(budget, text, args[0])
    else:
        budget.made(len(text))


def replaced(budget: Budget, text: str, old: str, new: str) -> None:
    """Pay for the text in which each `old` has become `new`."""
    times = text.count(old) if old else len(text) + 1
    budget.made(len(text) + max(0, times * (len(new) - len(old))))


def joined(budget: Budget, separator: str, values: Any) -> None:
    """Pay for a text of all values; they must have a length, so that it is known before."""
    if not hasattr(values, "__len__"):
        raise LimitExceeded("`join` takes a list here: add `| list`")
    budget.read(values)
    length = sum(len(value) for value in values if isinstance(value, str))
    budget.made(length + len(separator) * len(values))
