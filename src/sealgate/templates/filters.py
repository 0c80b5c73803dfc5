"""The filters that templates have (REFERENCE 4.3), each paid for.

Our own, and those of Jinja that read and shape data; orders and texts are in files of their own. What
Jinja makes lazily is a list here: a list is paid for once, and can be printed and read again. `attr`,
`escape`, `format`, `forceescape`, `pprint`, `urlize`, `wordwrap` and `xmlattr` are left out: they reach
past the guards or are the writers' work.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from functools import wraps
from typing import Any

from sealgate.templates.data import listed, text_of
from sealgate.templates.environment import DEFAULT_FILTERS, Environment, Function, Undefined, pass_environment
from sealgate.templates.internal import Literal
from sealgate.templates.json_filters import from_json, json_encode, tojson
from sealgate.templates.limits import Container, LimitExceeded, Refused
from sealgate.templates.operations import binary, joined
from sealgate.templates.ordering import ORDERING, attribute_of
from sealgate.templates.rendering import current
from sealgate.templates.text_filters import TEXT_FILTERS, bounded_width

_READING = (
    "abs", "count", "filesizeformat", "first", "float", "int", "items", "last", "length", "list", "map",
    "random", "reject", "rejectattr", "reverse", "select", "selectattr",
)  # fmt: skip
_LISTING = frozenset({"list", "map", "reject", "rejectattr", "select", "selectattr"})


def _guarded(name: str) -> Function:
    """A filter of Jinja that pays for its input and its output, and whose output is no iterator."""
    function = DEFAULT_FILTERS[name]
    position = 0 if getattr(function, "jinja_pass_arg", None) is None else 1

    @wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        budget = current().budget
        value, *rest = args[position:]
        budget.read(value)
        for argument in (*rest, *kwargs.values()):
            budget.walk(argument)
            if isinstance(argument, str):
                budget.cut(argument)
        if name in _LISTING:
            value = listed(value)
        result = function(*args[:position], value, *rest, **kwargs)
        if isinstance(result, (str, *Container)):
            budget.copied(result)
        budget.number(result)
        return list(budget.counted(result)) if hasattr(result, "__next__") else result

    return guarded


def base64_encode(value: Any) -> str:
    """Base64 (RFC 4648 section 4) of text as UTF-8, or of bytes."""
    data = value if isinstance(value, bytes) else text_of(value).encode(errors="replace")
    current().budget.made(len(data) * 2)
    return base64.b64encode(data).decode()


def base64_decode(value: Any) -> str:
    """The text whose base64 this is; padding may be missing."""
    text = text_of(value)
    current().budget.copied(text)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refused("base64_decode: this is not the base64 of a UTF-8 text") from None


def default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    """The value, or another one when it is missing or `None`; with `true` also when it is empty."""
    if value is None or isinstance(value, Undefined) or (boolean and not value):
        return default_value
    return value


@pass_environment
def join(environment: Environment, values: Any, d: str = "", attribute: Any = None) -> str:
    """The values, or one attribute of each, as one text."""
    items = listed(values)
    if attribute is not None:
        items = [attribute_of(environment, item, attribute) for item in items]
    texts = [text_of(item) for item in items]
    joined(current().budget, text_of(d), texts)
    return text_of(d).join(texts)


@pass_environment
def sum_(environment: Environment, values: Any, attribute: Any = None, start: Any = 0) -> Any:
    """The sum of the values, or of one attribute of each."""
    budget = current().budget
    total = start
    for value in listed(values):
        number = value if attribute is None else attribute_of(environment, value, attribute)
        total = binary(budget, "+", total, number)
    return total


def batch(value: Any, linecount: int, fill_with: Any = None) -> list[list[Any]]:
    """The values in rows of this many, the last one filled up."""
    size = bounded_width(linecount)
    items = listed(value)
    if size < 1:
        raise Refused("batch() takes the number of values in a row")
    rows = [items[begin : begin + size] for begin in range(0, len(items), size)]
    current().budget.objects(len(rows))
    if rows and fill_with is not None:
        current().budget.listed(size)
        rows[-1] += [fill_with] * (size - len(rows[-1]))
    return rows


def slice_(value: Any, slices: int, fill_with: Any = None) -> list[list[Any]]:
    """The values in this many columns."""
    if bounded_width(slices) < 1:
        raise Refused("slice() takes the number of columns")
    items = listed(value)
    current().budget.objects(slices)
    size, longer = divmod(len(items), slices)
    columns = []
    for number in range(slices):
        begin = number * size + min(number, longer)
        column = items[begin : begin + size + (number < longer)]
        columns.append(column + [fill_with] * (fill_with is not None and number >= longer > 0))
    return columns


def round_(value: Any, precision: int = 0, method: str = "common") -> Any:
    if not isinstance(precision, int) or abs(precision) > 100:
        raise LimitExceeded("round has a precision of at most 100")
    return DEFAULT_FILTERS["round"](value, precision, method)


def safe(value: Any) -> Literal:
    """Text that is already written (response templates only: refused elsewhere when it is saved)."""
    return Literal(text_of(value))


FILTERS: Mapping[str, Function] = {
    **{name: _guarded(name) for name in _READING},
    **ORDERING,
    **TEXT_FILTERS,
    "base64_decode": base64_decode,
    "base64_encode": base64_encode,
    "batch": batch,
    "d": default,
    "default": default,
    "from_json": from_json,
    "join": join,
    "json_encode": json_encode,
    "round": round_,
    "safe": safe,
    "slice": slice_,
    "sum": sum_,
    "tojson": tojson,
}
