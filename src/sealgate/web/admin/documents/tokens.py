"""API tokens."""

from __future__ import annotations

from pydantic import BaseModel, Field

from sealgate.stores.ports import SCOPES
from sealgate.web.admin.documents.shared import Body


class TokenBody(Body):
    name: str = Field(description="What the token is for.")
    scopes: list[str] = Field(description=f"Some of {', '.join(SCOPES)}.")
    permalinks: list[str] = Field(default_factory=list, description="The only connectors it may touch.")
    origins: list[str] = Field(default_factory=list, description="The only page origins it may come from.")
    expires_at: str | float | None = Field(None, description="RFC 3339 or Unix seconds; absent: never.")


class TokenDocument(BaseModel):
    id: str
    name: str
    scopes: list[str]
    permalinks: list[str]
    origins: list[str]
    expires_at: str | None
    created_at: str
    created_by: str


class CreatedToken(TokenDocument):
    token: str = Field(description="Shown this once.")


class TokenList(BaseModel):
    tokens: list[TokenDocument]
