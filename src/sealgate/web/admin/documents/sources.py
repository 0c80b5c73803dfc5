"""Registry sources and their runs."""

from __future__ import annotations

from pydantic import BaseModel, Field

from sealgate.model.composite import Composite
from sealgate.model.connector import Connector
from sealgate.web.admin.documents.shared import Body, FindingDocument


class RegistryDocument(BaseModel):
    connectors: list[Connector]
    composite_connectors: list[Composite] = []


class SyncDocument(BaseModel):
    created: list[str]
    updated: list[str]
    deleted: list[str]
    warnings: list[FindingDocument]


class GitSourceBody(Body):
    url: str = Field(description="`https://…`, `ssh://…` or `user@host:path`.")
    branch: str = "main"
    path: str = Field("connectors_registry.json", description="The registry file in the repository.")
    poll_seconds: int = Field(60, ge=10)
    username: str | None = None
    credential: str | None = Field(None, description="Secret that holds a token, or a private key for ssh.")
    host_key: str | None = Field(None, description="The server's ssh key, as `ssh-keyscan` prints it.")
    webhook_secret: str | None = Field(None, description="Secret that webhooks are signed with.")
    enabled: bool = True


class RunDocument(BaseModel):
    trigger: str
    actor: str
    started_at: str
    seconds: float | None
    state: str
    revision: str | None = Field(description="A git commit, or the SHA-256 of the file.")
    error: str | None
    created: list[str]
    updated: list[str]
    deleted: list[str]
    errors: dict[str, list[FindingDocument]]
    warnings: list[FindingDocument]


class RunList(BaseModel):
    runs: list[RunDocument]


class SourceDocument(GitSourceBody):
    name: str
    kind: str
    connectors: list[str]
    failures: int
    next_sync_at: str
    created_at: str
    updated_at: str
    updated_by: str
    last_run: RunDocument | None


class SourceList(BaseModel):
    sources: list[SourceDocument]


class DeletedSource(BaseModel):
    name: str
    deleted: list[str]
    kept: list[str]


class WebhookDocument(BaseModel):
    requested: bool | None = None
    ignored: str | None = None
