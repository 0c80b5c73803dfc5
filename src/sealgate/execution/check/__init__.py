"""Check a document and compile it: all faults and all warnings at once (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sealgate.execution.check.composite import check_composite
from sealgate.execution.check.connector import check_connector
from sealgate.execution.check.outcome import Checked
from sealgate.execution.compiling import World
from sealgate.model.composite import is_composite

__all__ = ["Checked", "check_document"]


def check_document(document: Any, world: World) -> Checked:
    """Check a document as parsed from JSON; one with `steps` is a composite connector. Never raises for
    what stands in it."""
    if isinstance(document, Mapping) and is_composite(document):
        return check_composite(document, world)
    return check_connector(document, world)
