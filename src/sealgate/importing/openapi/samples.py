"""A sample value of a JSON Schema: its example, its default, or one made of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sealgate.importing.openapi.document import Specification, mapping, sequence

DEEPEST = 6
MOST_VALUES = 500
_BY_FORMAT = {
    "date": "2026-01-31", "date-time": "2026-01-31T12:00:00Z", "email": "ada@example.com",
    "uuid": "00000000-0000-4000-8000-000000000000", "uri": "https://example.com/", "byte": "",
}  # fmt: skip
_BY_TYPE: Mapping[str, Any] = {"integer": 0, "number": 0, "boolean": False, "string": "", "null": None}


class Samples:
    """Makes samples within bounds: a schema may hold itself."""

    def __init__(self, specification: Specification) -> None:
        self._specification = specification
        self._left = MOST_VALUES

    def of(self, schema: Any) -> Any:
        """A sample value; `None` where the schema says nothing."""
        self._left = MOST_VALUES
        return self._sample(schema, ())

    def given(self, schema: Any) -> Any:
        """The value that the schema itself gives (default, example, …), or `None`."""
        return _given(self._specification.resolved(schema))

    def properties(self, schema: Any) -> dict[str, Any]:
        """A sample of each member of an object's schema, `allOf` taken together; empty for no object."""
        sample = self.of(schema)
        return sample if isinstance(sample, dict) else {}

    def _sample(self, node: Any, path: tuple[str, ...]) -> Any:
        schema, reference = self._specification.followed(node)
        self._left -= 1
        if reference in path or len(path) > DEEPEST or self._left < 0:
            return None
        path = (*path, reference or "")
        given = _given(schema)
        if given is not None:
            return given
        for choice in (*sequence(schema.get("oneOf"))[:1], *sequence(schema.get("anyOf"))[:1]):
            return self._sample(choice, path)
        merged: dict[str, Any] = {}
        for part in sequence(schema.get("allOf")):
            sample = self._sample(part, path)
            if isinstance(sample, dict):
                merged |= sample
            elif sample is not None:
                return sample
        properties = mapping(schema.get("properties"))
        kind = _type_of(schema)
        if merged or properties or kind == "object":
            own = {name: self._sample(each, path) for name, each in properties.items() if _writable(each)}
            return merged | own
        if kind == "array":
            item = self._sample(schema.get("items"), path)
            return [] if item is None else [item]
        if kind == "string":
            return _BY_FORMAT.get(str(schema.get("format")), "")
        return _BY_TYPE.get(kind)


def _given(schema: Mapping[str, Any]) -> Any:
    for name in ("example", "default", "const"):
        if schema.get(name) is not None:
            return schema[name]
    for name in ("examples", "enum"):
        for value in sequence(schema.get(name))[:1]:
            return value
    return None


def _type_of(schema: Mapping[str, Any]) -> str:
    """3.1 allows a list of types."""
    kinds = schema.get("type")
    named = [kind for kind in kinds if kind != "null"] if isinstance(kinds, list) else [kinds]
    return str(named[0]) if named else "null"


def _writable(schema: Any) -> bool:
    return mapping(schema).get("readOnly") is not True
