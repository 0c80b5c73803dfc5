"""What several resources read and answer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A request body: a member that is not known is a mistake, and said."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FindingDocument(BaseModel):
    path: str
    message: str
    line: int | None = None
    column: int | None = None
    expression: str | None = None
    hint: str | None = None
    connector: str | None = None
