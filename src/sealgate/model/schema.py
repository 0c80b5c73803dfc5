"""JSON Schema (draft 2020-12) of what people write, for editors and other tools."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from sealgate.model.composite import Composite
from sealgate.model.connector import Connector

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def connector_schema() -> dict[str, Any]:
    """The schema of one connector document."""
    return {"$schema": DIALECT, **Connector.model_json_schema(by_alias=True)}


def registry_schema() -> dict[str, Any]:
    """The schema of a registry file: its connectors and composite connectors (REFERENCE section 13)."""
    _, schemas = models_json_schema(
        [(Connector, "validation"), (Composite, "validation")], ref_template="#/$defs/{model}"
    )
    return {
        "$schema": DIALECT,
        "title": "Registry",
        "type": "object",
        "required": ["connectors"],
        "properties": {
            "connectors": {"type": "array", "items": {"$ref": "#/$defs/Connector"}},
            "composite_connectors": {"type": "array", "items": {"$ref": "#/$defs/Composite"}},
        },
        "$defs": schemas["$defs"],
    }
