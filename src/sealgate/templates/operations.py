"""Operators and methods of values, each paid for before it is done.

Sandboxed Jinja asks here what `*` or `str.replace` may do: what it makes may be large, what it takes
may be long, and some of it never ends.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, MappingView
from typing import Any

from sealgate.templates.limits import Budget, Container, Refused

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
    """`left symbol right`. Raises LimitExceeded and Refused, or TypeError as Python does."""
    budget.number(left, right)
    if symbol == "%" and isinstance(left, (str, bytes)):
        raise Refused("`%` does not format text here; write the value into the template")
    if symbol == "*":
        _multiplied(budget, left, right)
    elif symbol == "+" and isinstance(left, Sequence) and isinstance(right, Sequence):
        _made(budget, len(left) + len(right), left, right)
    elif symbol == "**":
        _raised(budget, left, right)
    elif isinstance(left, MappingView) or isinstance(right, MappingView):
        raise Refused(f"`{symbol}` does not take keys(), values() or items(): add `| list`")
    return OPERATORS[symbol](left, right)


def _multiplied(budget: Budget, left: Any, right: Any) -> None:
    for value, times in ((left, right), (right, left)):
        if isinstance(value, Sequence) and isinstance(times, int):
            _made(budget, len(value) * max(times, 0), value)
            return
    if isinstance(left, int) and isinstance(right, int):
        budget.bits(left.bit_length() + right.bit_length())


def _raised(budget: Budget, left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int) and right > 0:
        budget.bits(left.bit_length() * right if abs(left) > 1 else 1)


def _made(budget: Budget, length: int, *parts: Any) -> None:
    if isinstance(parts[0], (str, bytes)):
        budget.made(length, *(part for part in parts if isinstance(part, (str, bytes))))
    else:
        budget.listed(length)


METHODS: Mapping[type, frozenset[str]] = {
    str: frozenset(
        {"capitalize", "casefold", "center", "count", "endswith", "find", "index", "isalnum", "isalpha",
         "isascii", "isdecimal", "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "join",
         "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind",
         "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip",
         "swapcase", "title", "upper", "zfill"}
    ),
    bytes: frozenset({"decode", "hex"}),
    list: frozenset(
        {"append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"}
    ),
    tuple: frozenset({"count", "index"}),
    dict: frozenset(
        {"clear", "copy", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"}
    ),
    float: frozenset({"is_integer"}),
}  # fmt: skip
_PADDING = frozenset({"center", "ljust", "rjust", "zfill"})
_GOING_BACK = frozenset({"lstrip", "rfind", "rindex", "rpartition", "rsplit", "rstrip", "strip"})
_COMPARING = frozenset({"count", "index", "remove", "sort"})
_STORING = frozenset({"append", "extend", "insert"})
_SHIFTING = frozenset({"insert", "pop", "reverse", "clear"})
_ENCODINGS = frozenset({"ascii", "latin-1", "utf-8"})


def method_allowed(owner: Any, name: str) -> bool:
    """Whether a template may call this method of a value."""
    return any(name in names for kind, names in METHODS.items() if isinstance(owner, kind))


def call_method(budget: Budget, method: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """The result of a value's own method. Raises LimitExceeded and Refused, or what the method raises."""
    owner, name = method.__self__, method.__name__
    if not method_allowed(owner, name):
        raise Refused(f"{name}() cannot be called here")
    if name not in _STORING:
        for argument in (*args, *kwargs.values()):
            budget.walk(argument)
    if isinstance(owner, str):
        _pay_text(budget, owner, name, args)
    elif isinstance(owner, bytes):
        _pay_bytes(budget, owner, name, args, kwargs)
    elif isinstance(owner, (list, tuple)):
        _pay_list(budget, owner, name, args, kwargs)
    elif name == "copy":
        budget.copied(owner)
    elif name == "update":
        budget.objects(sum(len(argument) for argument in args if hasattr(argument, "__len__")))
    return method(*args, **kwargs)


def _pay_text(budget: Budget, text: str, name: str, args: tuple[Any, ...]) -> None:
    texts = [argument for argument in args if isinstance(argument, str)]
    if name in _GOING_BACK and texts:
        budget.search(text, texts[0])
    if name in _PADDING and args and isinstance(args[0], int):
        budget.made(max(args[0], len(text)), text, *texts)
    elif name == "replace" and len(texts) >= 2:
        replaced(budget, text, texts[0], texts[1])
    elif name in ("split", "rsplit") and texts and texts[0]:
        budget.objects(1 + text.count(texts[0]))
    elif name in ("split", "rsplit", "splitlines"):
        budget.cut(text)
    elif name == "join" and args:
        if isinstance(args[0], str):
            budget.cut(args[0])
        joined(budget, text, args[0])
    else:
        budget.copied(text)


def _pay_bytes(
    budget: Budget, data: bytes, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> None:
    named = {value for value in (*args[:1], *kwargs.values()) if isinstance(value, str)}
    if name == "decode" and not named <= _ENCODINGS:
        raise Refused(f"decode() takes one of {', '.join(sorted(_ENCODINGS))}")
    budget.made(len(data) * 2, data)


def _pay_list(
    budget: Budget,
    owner: list[Any] | tuple[Any, ...],
    name: str,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> None:
    if name == "sort" and "key" in kwargs:
        raise Refused("sort() takes no key here; use the filter `sort(attribute=…)`")
    if name in _COMPARING:
        budget.walk(owner)
    elif name == "extend":
        if not args or not isinstance(args[0], Container):
            raise Refused("extend() takes a list")
        budget.listed(len(owner) + len(args[0]))
    elif name == "copy":
        budget.copied(owner)
    elif name in _SHIFTING and (name != "pop" or args):
        budget.read(owner)


def replaced(budget: Budget, text: str, old: str, new: str) -> None:
    """Pay for the text in which each `old` has become `new`."""
    times = text.count(old) if old else len(text) + 1
    budget.made(len(text) + max(0, times * (len(new) - len(old))), text, new)


def joined(budget: Budget, separator: str, values: Any) -> None:
    """Pay for a text of all values; they must have a length, so that it is known before."""
    if not isinstance(values, (str, *Container)):
        raise Refused("join() takes a list")
    budget.read(values)
    members: Iterable[Any] = [values] if isinstance(values, str) else values
    texts = [value for value in members if isinstance(value, str)]
    budget.made(sum(map(len, texts)) + len(separator) * len(values), separator, *texts)
