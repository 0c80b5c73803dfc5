"""`from_json`, `tojson` and `json_encode`: JSON text (RFC 8259) read and written, paid for by its size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii
from typing import Any

import orjson

from sealgate.templates.data import listed
from sealgate.templates.environment import Undefined
from sealgate.templates.limits import Container, Refused
from sealgate.templates.pieces import Written
from sealgate.templates.rendering import current
from sealgate.templates.text_filters import bounded_width

_LONG_NUMBER = b"0" * 19
"""The shortest integer that may not fit into 64 bits: orjson makes a float of those that do not."""
_DIGITS_AND_MEMBERS = bytes(
    ord("0") if 48 <= code < 58 else ord(",") if chr(code) in ",[{" else ord(" ") for code in range(256)
)
"""A digit as `0`, what begins a member or an element as `,`, all else as a space."""
_FOR_HTML = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&'"})


def from_json(text: Any) -> Any:
    """Parse JSON text (RFC 8259). Raises Refused without the text in it."""
    if text is None or isinstance(text, Undefined):
        raise Refused("from_json needs text and there is none; guard it with `if`")
    if not isinstance(text, (str, bytes)):
        raise Refused(f"from_json takes text, not a {type(text).__name__}")
    budget = current().budget
    budget.read(text)
    data = text if isinstance(text, bytes) else text.encode(errors="surrogatepass")
    shape = data.translate(_DIGITS_AND_MEMBERS)
    budget.objects(shape.count(b","))
    if _LONG_NUMBER not in shape:
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            pass  # or something that orjson does not take: half a surrogate pair, many levels
    return _parsed(text)


def _parsed(text: str | bytes) -> Any:
    try:
        text = text.decode() if isinstance(text, bytes) else text
        return json.loads(text, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Refused("from_json: the bytes are not UTF-8") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Refused(f"from_json: not valid JSON ({error.msg} at {place})") from None
    except ValueError:
        raise Refused("from_json: a number has too many digits") from None


def _no_constant(name: str) -> Any:
    raise Refused(f"from_json: not valid JSON ({name} is no JSON value)")


def json_encode(value: Any) -> Written:
    """JSON text with `", "` and `": "`."""
    return Written(_dumps(value))


def tojson(value: Any, indent: int | None = None) -> Written:
    """JSON text that may stand in HTML: `<`, `>`, `&` and `'` as `\\u003c` and so on."""
    text = _dumps(value, indent if indent is None else bounded_width(indent, 16))
    return Written(for_html(text))


def for_html(text: str) -> str:
    """JSON text that may stand in HTML."""
    if "<" in text or ">" in text or "&" in text or "'" in text:
        return text.translate(_FOR_HTML)
    return text


def _dumps(value: Any, indent: int | None = None) -> str:
    budget = current().budget
    budget.written(value, indent or 0)
    text = encode_basestring_ascii(value) if type(value) is str else _encoded(value, indent)
    budget.copied(text)
    return text


def _encoded(value: Any, indent: int | None) -> str:
    encoder = (
        _ENCODER if indent is None else json.JSONEncoder(default=_jsonable, allow_nan=False, indent=indent)
    )
    try:
        return encoder.encode(value)
    except ValueError:
        raise Refused("NaN and Infinity have no JSON form, nor have numbers of too many digits") from None
    except TypeError:
        raise Refused("an object has a key that is no string: JSON has string keys only") from None


def _jsonable(value: Any) -> Any:
    if isinstance(value, Undefined):
        value.used()
        return None
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (range, *Container)):
        return listed(value)
    raise Refused(f"a {type(value).__name__} has no JSON form")


_ENCODER = json.JSONEncoder(default=_jsonable, allow_nan=False)
