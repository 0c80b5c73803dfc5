"""Test Connection."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from sealgate.web.admin.documents.shared import Body


class TestBody(Body):
    """Either a document that need not be saved, or the permalink of a saved one."""

    __test__ = False
    connector: dict[str, Any] | None = None
    permalink: str | None = None
    request: dict[str, Any] | None = Field(
        None, description="`method`, `query`, `headers`, `path_params`, `body`, `user` (session claims)."
    )


class TestDocument(BaseModel):
    __test__ = False
    status: int
    headers: dict[str, str]
    body: Any
    explain: dict[str, Any]
    debug_request: dict[str, Any]
