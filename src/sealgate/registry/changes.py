"""What applying a registry file would change, for a person to read."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sealgate.registry.check import Entry
from sealgate.registry.sync import difference
from sealgate.stores.ports import StoredConnector


def changes_of(source: str, entries: Sequence[Entry], stored: Sequence[StoredConnector]) -> dict[str, Any]:
    """`{"created", "updated", "deleted"}`; each updated connector with its changed members, old and new
    (`None`: not there)."""
    before = {connector.permalink: connector.document for connector in stored}
    found = difference(source, entries, stored)
    return {
        "created": [name for name, _ in found.created],
        "updated": [
            {"permalink": name, "members": list(_members(before[name], document))}
            for name, document in found.updated
        ],
        "deleted": list(found.deleted),
    }


def changes_text(changes: Mapping[str, Any]) -> str:
    """The same as lines; a changed text as a unified diff."""
    return "\n".join(_lines(changes)) or "nothing to change"


def _members(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            yield {"path": name, "old": old.get(name), "new": new.get(name)}


def _lines(changes: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"created: {name}" for name in changes["created"])
    for connector in changes["updated"]:
        yield f"updated: {connector['permalink']}"
        for member in connector["members"]:
            yield f"  {member['path']}"
            old, new = (_text(member[side]).splitlines() for side in ("old", "new"))
            difference_lines = difflib.unified_diff(old, new, lineterm="", n=2)
            yield from (f"    {line}" for line in list(difference_lines)[2:])
    yield from (f"deleted: {name}" for name in changes["deleted"])


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
