"""Write a registry file back from what is stored, as a person would write it.

Members stand in the order of REFERENCE sections 2 and 12; those at the original's default are left out, the
permalink is always written. Reading the file again changes nothing, and writes the same file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from sealgate.auth.catalog import TYPES
from sealgate.model.composite import Step, is_composite
from sealgate.model.connector import Connector
from sealgate.stores.ports import StoredConnector


def defaults(model: type[BaseModel]) -> dict[str, Any]:
    """What each member of the model is when nobody writes it."""
    return {
        member.alias or name: member.get_default(call_default_factory=True)
        for name, member in model.model_fields.items()
        if not member.is_required()
    }


ORDER = (
    "name",
    "url",
    "method",
    "headers",
    "query_parameters",
    "path_parameters",
    "authentication",
    "request_body",
    "response_body",
    "response_content_type",
    "permalink",
)
DEFAULTS: Mapping[str, Any] = defaults(Connector) | defaults(Step)
FIXED_ROWS = ("headers", "query_parameters")


def export_registry(stored: Iterable[StoredConnector]) -> dict[str, list[dict[str, Any]]]:
    """The registry document of stored connectors, each kind by permalink."""
    file: dict[str, list[dict[str, Any]]] = {"connectors": [], "composite_connectors": []}
    for connector in sorted(stored, key=lambda each: each.permalink):
        document = _written({**connector.document, "permalink": connector.permalink})
        file["composite_connectors" if is_composite(document) else "connectors"].append(document)
    return file


def registry_text(file: Mapping[str, Any]) -> str:
    """The file's text: the same for the same content."""
    return json.dumps(file, indent=2, ensure_ascii=False) + "\n"


def _written(document: Mapping[str, Any]) -> dict[str, Any]:
    known = [name for name in ORDER if name in document]
    names = [*known, *sorted(set(document) - set(known))]
    written = {}
    for name in names:
        value = document[name]
        if name in DEFAULTS and value == DEFAULTS[name]:
            continue
        if name in FIXED_ROWS:
            value = [_row(row) for row in value]
        elif name == "authentication":
            value = _authentication(value)
        elif name == "steps":
            value = [_written(step) for step in value]
        written[name] = value
    return written


def _authentication(value: Mapping[str, Any]) -> dict[str, Any]:
    usual = defaults(TYPES[value["type"]].config)
    config = {
        name: member for name, member in value["config"].items() if name not in usual or member != usual[name]
    }
    return {"type": value["type"], **({"config": config} if config else {})}


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "overridable" or value}
