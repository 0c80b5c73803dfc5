"""How every fault is answered."""

from __future__ import annotations

from pydantic import BaseModel

from sealgate.web.admin.documents.shared import FindingDocument


class ErrorMembers(BaseModel):
    code: str
    detail: str | None = None
    scope: str | None = None
    params: list[str] | None = None
    fields: list[FindingDocument] | None = None


class ErrorEnvelope(BaseModel):
    success: bool = False
    errors: ErrorMembers
    request_id: str
