"""`authentication` in a connector document: one of the catalogue's types (REFERENCE section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError

from sealgate.auth.base import AuthenticationConfig
from sealgate.auth.catalog import TYPES, AuthenticationType

DEPRECATED_ALIASES = {"apikey": "api_key"}


class AuthenticationDocument(BaseModel):
    """`{"type", "config"}`; what a type's `config` holds is that type's own model."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: str
    config: AuthenticationConfig


def _document_of(kind: AuthenticationType) -> type[AuthenticationDocument]:
    needs_config = any(member.is_required() for member in kind.config.model_fields.values())
    config: Any = (kind.config, ...) if needs_config else (kind.config, Field(default_factory=kind.config))
    fields: dict[str, Any] = {"type": (Literal[kind.name], ...), "config": config}
    return create_model(
        f"{kind.title.replace(' ', '')}Authentication",
        __base__=AuthenticationDocument,
        __doc__=kind.summary,
        **fields,
    )


def _normalise(value: Any) -> Any:
    """Accept the deprecated alias, and refuse fields beside `type` by name: they would be ignored,
    and the call would go out without its credential."""
    if not isinstance(value, Mapping):
        return value
    name = value.get("type")
    if isinstance(name, str):
        name = DEPRECATED_ALIASES.get(name, name)
    kind = TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise PydanticCustomError(
            "unknown_authentication_type",
            "`type` must be one of {types}",
            {"types": ", ".join(TYPES)},
        )
    misplaced = sorted(set(_names(kind)) & set(value) - {"type", "config"})
    if misplaced:
        raise PydanticCustomError(
            "misplaced_authentication_fields",
            "{fields} must stand inside `config`",
            {"fields": ", ".join(f"`{field}`" for field in misplaced)},
        )
    normalised = {**value, "type": name}
    if normalised.get("config", ...) is None:
        del normalised["config"]
    return normalised


def _names(kind: AuthenticationType) -> list[str]:
    return [member.alias or name for name, member in kind.config.model_fields.items()]


if TYPE_CHECKING:
    Authentication = AuthenticationDocument
else:
    # A union built from the catalogue; the discriminator keeps errors and JSON Schema precise.
    Authentication = Annotated[
        Union[tuple(_document_of(kind) for kind in TYPES.values())],  # noqa: UP007
        Field(discriminator="type"),
        BeforeValidator(_normalise),
    ]
