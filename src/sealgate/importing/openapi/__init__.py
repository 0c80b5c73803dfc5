"""Connectors of an OpenAPI 3.0 or 3.1 document's operations. Nothing is fetched."""

from sealgate.importing.openapi.connector import import_operations
from sealgate.importing.openapi.document import Operation, Specification, read_specification

__all__ = ["Operation", "Specification", "import_operations", "read_specification"]
