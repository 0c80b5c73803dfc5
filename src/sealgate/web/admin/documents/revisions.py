"""What connectors were."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class RevisionEntry(BaseModel):
    revision: int = Field(description="The number that the connector had then: its `ETag`.")
    saved_at: str
    saved_by: str
    source: str | None
    deleted: bool = Field(description="The change was the connector's deletion.")


class RevisionList(BaseModel):
    revisions: list[RevisionEntry]


class RevisionDocument(RevisionEntry):
    document: dict[str, Any] | None


class ChangeDocument(BaseModel):
    """`before` or `after` is absent where there was, or is, no such value."""

    path: str
    before: Any = None
    after: Any = None


class DifferenceDocument(BaseModel):
    before: int | None = Field(description="The revision compared with; `null`: there is none before.")
    after: int
    changes: list[ChangeDocument]
    text: str = Field(description="A unified diff of the indented JSON.")
