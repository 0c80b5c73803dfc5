"""The fields of each authentication type, as its pydantic model describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from sealgate.auth.catalog import TYPES, AuthenticationType

Kind = Literal["text", "choice", "json"]


@dataclass(frozen=True, slots=True)
class ConfigField:
    """A member of `authentication.config`. `choices` are all values of a `choice`, and proposals for a
    `text`; `default` is what an absent member means, as the form writes it."""

    name: str
    title: str
    description: str
    kind: Kind
    default: str
    required: bool
    choices: tuple[str, ...]
    credential: bool

    def options(self, value: str) -> list[tuple[str, str]]:
        """For a select that shows a value which may be none of the choices."""
        return [(each, each) for each in dict.fromkeys((*self.choices, value))]


@cache
def fields_of(type_name: str) -> Mapping[str, ConfigField]:
    """By name, in the order of the model; none for a type that is unknown."""
    kind = TYPES.get(type_name)
    return MappingProxyType({field.name: field for field in _fields(kind)} if kind else {})


def _fields(kind: AuthenticationType) -> list[ConfigField]:
    schema = kind.config.model_json_schema(by_alias=True)
    required = schema.get("required", ())
    return [
        ConfigField(
            name=name,
            title=member["title"],
            description=member["description"],
            kind=_kind(member),
            default="" if member.get("default") is None else str(member["default"]),
            required=name in required,
            choices=tuple(member.get("enum") or member.get("examples") or ()),
            credential=name in kind.config.credential_fields,
        )
        for name, member in schema.get("properties", {}).items()
    ]


def _kind(member: Mapping[str, Any]) -> Kind:
    if member.get("type") == "object":
        return "json"
    return "choice" if "enum" in member else "text"
