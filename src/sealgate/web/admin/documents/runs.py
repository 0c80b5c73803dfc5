"""Executions of connectors, and whether their bodies are kept."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from sealgate.web.admin.documents.shared import Body


class CaptureBody(Body):
    minutes: int = Field(15, description="For how long bodies are kept with the runs, from 1 to 60.")


class CaptureDocument(BaseModel):
    connector: str
    until: str | None


class CallerDocument(BaseModel):
    source: str
    user: str | None
    token: str | None


class RunHeadDocument(BaseModel):
    request_id: str = Field(description="`X-Request-ID` of the reply.")
    connector: str
    at: str
    method: str
    status: int
    code: str | None
    outcome: Literal["succeeded", "failed", "refused"]
    total_ms: float
    external_ms: float
    cache_hit: bool
    caller: CallerDocument | None
    origin: str | None


class RunPageDocument(BaseModel):
    runs: list[RunHeadDocument]
    next: str | None = Field(description="`cursor` of the page after.")


class ExecutionDocument(RunHeadDocument):
    explain: dict[str, Any]
    bodies: dict[str, Any] | None = Field(description="Needs the scope `write`; else `null`.")
    bodies_kept: bool = Field(description="There are bodies of this run.")


class RunPointDocument(BaseModel):
    at: str
    status: int
    outcome: Literal["succeeded", "failed"]
    total_ms: float


class RecentRunsDocument(BaseModel):
    connectors: dict[str, list[RunPointDocument]] = Field(
        description="Of each connector that has runs, by its permalink; the oldest first."
    )
