"""Connectors as they are answered, and how to call one."""

from __future__ import annotations

from pydantic import BaseModel

from sealgate.model.composite import Composite
from sealgate.model.connector import Connector
from sealgate.web.admin.documents.shared import FindingDocument


class Stored(BaseModel):
    """What an answer adds to a document."""

    revision: int
    source: str | None
    created_at: str
    updated_at: str
    updated_by: str
    warnings: list[FindingDocument] | None = None


class ConnectorDocument(Connector, Stored):
    pass


class CompositeDocument(Composite, Stored):
    pass


AnyConnector = ConnectorDocument | CompositeDocument


class ConnectorList(BaseModel):
    connectors: list[AnyConnector]


class SnippetDocument(BaseModel):
    name: str
    title: str
    language: str
    text: str


class SnippetList(BaseModel):
    snippets: list[SnippetDocument]
