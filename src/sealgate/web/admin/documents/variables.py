"""Variables."""

from __future__ import annotations

from pydantic import BaseModel

from sealgate.web.admin.documents.shared import Body


class VariableBody(Body):
    value: str


class VariableDocument(BaseModel):
    name: str
    value: str
    created_at: str
    updated_at: str
    updated_by: str
    used_by: list[str]


class VariableList(BaseModel):
    variables: list[VariableDocument]
