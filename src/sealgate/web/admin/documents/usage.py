"""Where a secret or a variable is used."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ConnectorUseDocument(BaseModel):
    permalink: str
    path: str = Field(description="The template's place in the document.")
    step: str | None = Field(description="The step of a composite connector.")


class SourceUseDocument(BaseModel):
    source: str
    path: str


class UsageDocument(BaseModel):
    connectors: list[ConnectorUseDocument]
    sources: list[SourceUseDocument] = Field(description="Git sources whose settings name it.")
    computed: list[ConnectorUseDocument] = Field(description="Places that compute a name: it could be this.")
