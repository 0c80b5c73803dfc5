"""The filters that the compiler puts around what Jinja's sandbox does not see (see `guarding`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sealgate.templates.data import text_of
from sealgate.templates.environment import Function, Nothing, Undefined
from sealgate.templates.limits import Container, Refused
from sealgate.templates.pieces import Written
from sealgate.templates.rendering import current


def tick(_: Any, steps: int) -> bool:
    """A round of a loop, or a call of a macro: its body costs what stands in it."""
    current().budget.spend(steps)
    return True


def joined_text(values: list[Any]) -> str:
    """The `~` operator."""
    texts = [text_of(value) for value in values]
    current().budget.made(sum(map(len, texts)), *texts)
    return "".join(texts)


def walked(value: Any) -> Any:
    """An operand of a comparison, or a key."""
    current().budget.walk(value)
    return value


def cut_out(value: Any) -> Any:
    """What a slice has taken."""
    current().budget.copied(value)
    return value


def spread(value: Any) -> Any:
    """What `*` or `**` makes the arguments of a call."""
    if not isinstance(value, Container):
        raise Refused("`*` and `**` take a list or an object")
    current().budget.copied(value)
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


INTERNAL: Mapping[str, Function] = {
    "_cut": cut_out,
    "_joined": joined_text,
    "_literal": Literal,
    "_nothing": nothing,
    "_placed": placed,
    "_spread": spread,
    "_tick": tick,
    "_walked": walked,
}
