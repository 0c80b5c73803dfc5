"""The filters and tests that templates have (REFERENCE 4.3), each paid for.

Our own, and those of Jinja that read and shape data. What pads, cuts or repeats is bounded first; what
compares or prints walks its input first. `attr`, `escape`, `format`, `forceescape`, `pprint`, `urlize`,
`wordwrap` and `xmlattr` are left out: they reach past the guards or are the writers' work.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from functools import wraps
from typing import Any

from sealgate.templates.environment import (
    DEFAULT_FILTERS,
    DEFAULT_TESTS,
    Environment,
    Function,
    Nothing,
    Undefined,
    current,
    pass_environment,
)
from sealgate.templates.limits import LimitExceeded
from sealgate.templates.operations import binary, joined, replaced
from sealgate.templates.pieces import Written

_READING = (
    "abs", "count", "filesizeformat", "first", "float", "int", "items", "last", "length", "list", "map",
    "random", "reject", "rejectattr", "reverse", "select", "selectattr",
)  # fmt: skip
_WALKING = (
    "capitalize", "dictsort", "groupby", "lower", "max", "min", "sort", "string", "striptags", "title",
    "trim", "truncate", "unique", "upper", "urlencode", "wordcount",
)  # fmt: skip
_MAX_WIDTH = 10_000
_COPIES_TEXT = frozenset(_WALKING) - {"max", "min", "sort", "unique", "groupby", "dictsort"}


def _guarded(name: str, *, walk: bool) -> Function:
    """A filter of Jinja that pays for its input, and for its output where that is text."""
    function = DEFAULT_FILTERS[name]
    takes_context = getattr(function, "jinja_pass_arg", None) is not None
    position = 1 if takes_context else 0

    @wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        budget = current().budget
        budget.spend(1)
        value, *rest = args[position:]
        if hasattr(value, "__next__"):
            value = budget.counted(value)
        for argument in (value, *rest, *kwargs.values()):
            if walk:
                budget.walk(argument)
            else:
                budget.read(argument)
        if name in _COPIES_TEXT and isinstance(value, str):
            budget.made(len(value))
        return function(*args[:position], value, *rest, **kwargs)

    return guarded


def from_json(text: Any) -> Any:
    """Parse JSON text (RFC 8259). Raises ValueError without the text in it."""
    if text is None or isinstance(text, Undefined):
        raise ValueError("from_json needs text and there is none; guard it with `if`")
    if isinstance(text, (bytes, bytearray)):
        text = bytes(text).decode()
    if not isinstance(text, str):
        raise TypeError(f"from_json takes text, not a {type(text).__name__}")
    current().budget.spend(1 + (len(text) >> 6))
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"from_json: not valid JSON ({error.msg} at {place})") from None


def json_encode(value: Any) -> Written:
    """JSON text with `", "` and `": "`."""
    return Written(_dumps(value))


def tojson(value: Any, indent: int | None = None) -> Written:
    """JSON text that may stand in HTML: `<`, `>`, `&` and `'` as `\\u003c` and so on."""
    if indent is not None:
        _bounded_width(indent, 16)
    text = _dumps(value, indent=indent)
    for character in "<>&'":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Written(text)


def _dumps(value: Any, indent: int | None = None) -> str:
    budget = current().budget
    budget.walk(value)
    text = json.dumps(value, default=_jsonable, allow_nan=False, indent=indent)
    budget.made(len(text))
    return text


def _jsonable(value: Any) -> Any:
    if isinstance(value, Undefined):
        value.used()
        return None
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "__next__") or isinstance(value, range):
        return list(current().budget.counted(value))
    raise TypeError(f"a {type(value).__name__} has no JSON form")


def base64_encode(value: Any) -> str:
    """Base64 (RFC 4648 section 4) of text as UTF-8, or of bytes."""
    data = value if isinstance(value, bytes) else _text(value).encode()
    current().budget.made(len(data) * 2)
    return base64.b64encode(data).decode()


def base64_decode(value: Any) -> str:
    """The text whose base64 this is; padding may be missing."""
    text = _text(value)
    current().budget.made(len(text))
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        raise ValueError("base64_decode: this is not the base64 of a UTF-8 text") from None


def default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    """The value, or another one when it is missing or `None`; with `true` also when it is empty."""
    if value is None or isinstance(value, Undefined) or (boolean and not value):
        return default_value
    return value


@pass_environment
def join(environment: Environment, values: Any, separator: str = "", attribute: Any = None) -> str:
    """The values, or one attribute of each, as one text."""
    budget = current().budget
    items = list(budget.counted(values))
    if attribute is not None:
        items = [_attribute(environment, item, attribute) for item in items]
    budget.walk(items)
    texts = [_text(item) for item in items]
    joined(budget, _text(separator), texts)
    return _text(separator).join(texts)


def _attribute(environment: Environment, item: Any, attribute: str | int) -> Any:
    """A dotted attribute, by the sandbox's own rules."""
    for part in str(attribute).split("."):
        item = environment.getitem(item, int(part) if part.isdigit() else part)
    return item


def replace(value: Any, old: Any, new: Any, count: int | None = None) -> str:
    """The text with each `old` as `new`."""
    text, old, new = _text(value), _text(old), _text(new)
    replaced(current().budget, text, old, new)
    return text.replace(old, new, -1 if count is None else count)


@pass_environment
def sum_(environment: Environment, values: Iterable[Any], attribute: Any = None, start: Any = 0) -> Any:
    """The sum of the values, or of one attribute of each."""
    budget = current().budget
    total = start
    for value in budget.counted(values):
        number = value if attribute is None else _attribute(environment, value, attribute)
        total = binary(budget, "+", total, number)
    return total


def indent(value: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> Any:
    text = _text(value)
    size = len(width) if isinstance(width, str) else _bounded_width(width)
    current().budget.made(len(text) + (text.count("\n") + 1) * size)
    return DEFAULT_FILTERS["indent"](text, width, first, blank)


def center(value: Any, width: int = 80) -> str:
    text = _text(value)
    current().budget.made(max(len(text), _bounded_width(width)))
    return text.center(width)


def batch(value: Iterable[Any], linecount: int, fill_with: Any = None) -> Any:
    return DEFAULT_FILTERS["batch"](current().budget.counted(value), _bounded_width(linecount), fill_with)


def slice_(value: Iterable[Any], slices: int, fill_with: Any = None) -> Any:
    """The values in this many columns."""
    items = list(current().budget.counted(value))
    current().budget.listed(_bounded_width(slices))
    return DEFAULT_FILTERS["slice"](items, slices, fill_with)


def round_(value: Any, precision: int = 0, method: str = "common") -> Any:
    if abs(precision) > 100:
        raise LimitExceeded("round has a precision of at most 100")
    return DEFAULT_FILTERS["round"](value, precision, method)


def _bounded_width(width: int, most: int = _MAX_WIDTH) -> int:
    if not isinstance(width, int) or width > most:
        raise LimitExceeded(f"a width is a number of at most {most:,}")
    return width


def _text(value: Any) -> str:
    """What an ordinary string made of a value has in it."""
    if isinstance(value, str):
        return value
    current().budget.walk(value)
    return "" if value is None else str(value)


# -- what the compiler puts in (see `guarding`) ---------------------------------------------------------


def tick(_: Any) -> bool:
    """A round of a loop."""
    current().budget.spend(1)
    return True


def concat(values: list[Any]) -> str:
    """The `~` operator."""
    texts = [_text(value) for value in values]
    current().budget.made(sum(map(len, texts)))
    return "".join(texts)


def walked(value: Any) -> Any:
    """An operand of a comparison, or a key."""
    current().budget.walk(value)
    return value


def read(value: Any) -> Any:
    """What is cut by a slice."""
    current().budget.read(value)
    return value


def placed(value: Any, path: str, line: int) -> Any:
    """Tell a look-up that found nothing how it is written."""
    if isinstance(value, Undefined):
        value.path, value.line = path, line
    return value


class Literal(Written):
    """A text constant of the template, such as `{{ "," if not loop.last }}`."""

    __slots__ = ()


def nothing(_: Any) -> Nothing:
    """The missing `else` of an inline condition."""
    return Nothing(name="else")


def safe(value: Any) -> Literal:
    """Text that is already written (response templates only: refused elsewhere when it is saved)."""
    return Literal(_text(value))


INTERNAL: Mapping[str, Function] = {
    "_concat": concat,
    "_literal": Literal,
    "_nothing": nothing,
    "_placed": placed,
    "_read": read,
    "_tick": tick,
    "_walked": walked,
}
FILTERS: Mapping[str, Function] = {
    **{name: _guarded(name, walk=False) for name in _READING},
    **{name: _guarded(name, walk=True) for name in _WALKING},
    "base64_decode": base64_decode,
    "base64_encode": base64_encode,
    "batch": batch,
    "center": center,
    "d": default,
    "default": default,
    "from_json": from_json,
    "indent": indent,
    "join": join,
    "json_encode": json_encode,
    "replace": replace,
    "round": round_,
    "safe": safe,
    "slice": slice_,
    "sum": sum_,
    "tojson": tojson,
}
_COMPARISONS = (
    "==", "!=", "<", "<=", ">", ">=", "eq", "equalto", "ne", "lt", "lessthan", "le", "gt", "greaterthan",
    "ge", "in",
)  # fmt: skip


def _comparing(function: Function) -> Function:
    def test(value: Any, *args: Any) -> Any:
        for operand in (value, *args):
            current().budget.walk(operand)
        return function(value, *args)

    return test


TESTS: dict[str, Function] = dict(DEFAULT_TESTS)
TESTS |= {name: _comparing(TESTS[name]) for name in _COMPARISONS}
