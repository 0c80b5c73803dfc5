"""What connectors are made from: curl commands, OpenAPI documents, examples."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from sealgate.web.admin.documents.shared import Body, FindingDocument


class CurlBody(Body):
    command: str = Field(
        description="What was pasted: one curl command, or a token request and a call.", repr=False
    )
    name: str | None = Field(None, min_length=1, max_length=255, description="What people will call it.")
    save: bool = Field(False, description="Store the connector and the secrets that were found.")


class OpenApiBody(Body):
    document: dict[str, Any] | str = Field(description="OpenAPI 3.0 or 3.1, as JSON or as its text.")
    operations: list[str] = Field(
        default_factory=list, description="Those to import, by `operation` or `METHOD /path`."
    )
    base_url: str | None = Field(None, description="The API's URL, instead of the document's servers.")
    save: bool = Field(False, description="Store the connectors.")


class ProposedSecretDocument(BaseModel):
    name: str
    place: str = Field(description="The field that reads it.")
    advice: str = Field(description="What to put there.")
    found: bool = Field(description="Whether the input held a value; it is stored when the import is saved.")
    allowed_hosts: list[str]


class ProposalDocument(BaseModel):
    connector: dict[str, Any]
    secrets: list[ProposedSecretDocument]
    faults: list[FindingDocument]
    warnings: list[FindingDocument]
    saved: bool


class OperationDocument(BaseModel):
    operation: str
    method: str
    path: str
    operation_id: str | None
    summary: str
    tags: list[str]
    deprecated: bool


class OpenApiDocument(BaseModel):
    title: str
    operations: list[OperationDocument]
    connectors: list[ProposalDocument] = Field(description="Of the operations that were picked.")


class ExampleSecret(BaseModel):
    name: str
    advice: str


class ExampleDocument(BaseModel):
    name: str
    title: str
    explanation: str
    secrets: list[ExampleSecret]
    connector: dict[str, Any]


class ExampleList(BaseModel):
    examples: list[ExampleDocument]
