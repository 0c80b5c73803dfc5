"""Filters that compare values with each other: what they compare is walked, so paid for, before.

They take what Jinja's filters of these names take, and give what those give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from sealgate.templates.data import listed
from sealgate.templates.environment import Environment, Function, Undefined, pass_environment
from sealgate.templates.limits import Refused
from sealgate.templates.rendering import current


def attribute_of(environment: Environment, item: Any, attribute: Any) -> Any:
    """A dotted attribute, by the sandbox's own rules."""
    if not isinstance(attribute, str):
        return environment.getitem(item, attribute)
    current().budget.cut(attribute)
    for part in attribute.split("."):
        item = environment.getitem(item, int(part) if part.isdecimal() and len(part) < 10 else part)
    return item


def _comparable(value: Any, case_sensitive: bool) -> Any:
    """What is compared in place of a value."""
    budget = current().budget
    budget.walk(value)
    if isinstance(value, str) and not case_sensitive:
        budget.copied(value)
        return value.lower()
    return value


def _keys(
    environment: Environment, items: list[Any], attribute: Any, case_sensitive: bool, default: Any = None
) -> list[Any]:
    """For each item what it is ordered by: itself, or a list of its attributes."""
    if attribute is None:
        return [_comparable(item, case_sensitive) for item in items]
    names = attribute.split(",") if isinstance(attribute, str) else [attribute]
    keys = []
    for item in items:
        values = [attribute_of(environment, item, name) for name in names]
        if default is not None:
            values = [default if isinstance(value, Undefined) else value for value in values]
        keys.append([_comparable(value, case_sensitive) for value in values])
    return keys


def _sorted(items: Iterable[Any], keys: list[Any], reverse: bool) -> list[tuple[Any, Any]]:
    """Pairs of key and item; items of equal keys keep their order."""
    return sorted(zip(keys, items, strict=True), key=lambda pair: pair[0], reverse=bool(reverse))


@pass_environment
def sort(
    environment: Environment,
    value: Any,
    reverse: bool = False,
    case_sensitive: bool = False,
    attribute: Any = None,
) -> list[Any]:
    items = listed(value)
    keys = _keys(environment, items, attribute, case_sensitive)
    return [item for _, item in _sorted(items, keys, reverse)]


class Group(NamedTuple):
    """The items that have the same value of an attribute."""

    grouper: Any
    list: list[Any]


@pass_environment
def groupby(
    environment: Environment,
    value: Any,
    attribute: Any,
    default: Any = None,
    case_sensitive: bool = False,
) -> list[Group]:
    items = listed(value)
    keys = _keys(environment, items, attribute, case_sensitive, default)
    groups: list[Group] = []
    last: Any = None
    for key, item in _sorted(items, keys, reverse=False):
        if not groups or key != last:
            [shown] = _keys(environment, [item], attribute, True, default)
            groups.append(Group(shown[0] if len(shown) == 1 else shown, []))
        groups[-1].list.append(item)
        last = key
    return groups


def _extreme(choose: Callable[..., int]) -> Function:
    @pass_environment
    def extreme(
        environment: Environment, value: Any, case_sensitive: bool = False, attribute: Any = None
    ) -> Any:
        items = listed(value)
        if not items:
            return Undefined(name="(…)")
        keys = _keys(environment, items, attribute, case_sensitive)
        return items[choose(range(len(items)), key=keys.__getitem__)]

    return extreme


@pass_environment
def unique(
    environment: Environment, value: Any, case_sensitive: bool = False, attribute: Any = None
) -> list[Any]:
    items = listed(value)
    keys = _keys(environment, items, attribute, case_sensitive)
    seen = set()
    kept = []
    for key, item in zip(keys, items, strict=True):
        hashed = tuple(key) if attribute is not None else key
        if hashed not in seen:
            seen.add(hashed)
            kept.append(item)
    return kept


def dictsort(
    value: Any, case_sensitive: bool = False, by: str = "key", reverse: bool = False
) -> list[tuple[Any, Any]]:
    if not isinstance(value, Mapping) or by not in ("key", "value"):
        raise Refused("dictsort takes an object, and orders it by 'key' or 'value'")
    items = listed(value.items())
    keys = [_comparable(item[by == "value"], case_sensitive) for item in items]
    return [item for _, item in _sorted(items, keys, reverse)]


ORDERING: Mapping[str, Function] = {
    "dictsort": dictsort,
    "groupby": groupby,
    "max": _extreme(max),
    "min": _extreme(min),
    "sort": sort,
    "unique": unique,
}
