"""Connectors of an OpenAPI 3.0 or 3.1 document's operations. Nothing is fetched."""

from sealgate.importing.openapi.connector import import_operations
from sealgate.importing.openapi.document import Operation, Specification, read_specification
from sealgate.importing.openapi.security import described_schemes

__all__ = ["Operation", "Specification", "described_schemes", "import_operations", "read_specification"]
