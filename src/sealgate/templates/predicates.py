"""The tests that templates have (`x is defined`), each paid for: what compares walks its operands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sealgate.templates.data import text_of
from sealgate.templates.environment import DEFAULT_TESTS, Function
from sealgate.templates.operations import binary
from sealgate.templates.rendering import current

DEFAULTS: Mapping[str, Any] = DEFAULT_TESTS
_CHEAP = (
    "boolean", "callable", "defined", "false", "float", "integer", "iterable", "mapping", "none", "number",
    "sameas", "sequence", "string", "true", "undefined",
)  # fmt: skip
_COMPARING = (
    "!=", "<", "<=", "==", ">", ">=", "eq", "equalto", "ge", "greaterthan", "gt", "in", "le", "lessthan",
    "lt", "ne",
)  # fmt: skip


def _comparing(function: Function) -> Function:
    def test(value: Any, *args: Any) -> Any:
        for operand in (value, *args):
            current().budget.walk(operand)
        return function(value, *args)

    return test


def _remainder(value: Any, number: Any) -> Any:
    return binary(current().budget, "%", value, number)


def _is_lower(value: Any) -> bool:
    return text_of(value).islower()


def _is_upper(value: Any) -> bool:
    return text_of(value).isupper()


TESTS: Mapping[str, Function] = {
    **{name: DEFAULTS[name] for name in _CHEAP},
    **{name: _comparing(DEFAULTS[name]) for name in _COMPARING},
    "divisibleby": lambda value, num: bool(_remainder(value, num) == 0),
    "even": lambda value: bool(_remainder(value, 2) == 0),
    "odd": lambda value: bool(_remainder(value, 2) == 1),
    "lower": _is_lower,
    "upper": _is_upper,
}
