"""What the admin API reads and answers, as models: for validation, and for the OpenAPI description."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sealgate.auth.key_pairs import KEY_PAIR_ALGORITHMS, RSA_BITS
from sealgate.model.composite import Composite
from sealgate.model.connector import Connector
from sealgate.services.playground import Sample, StepSample
from sealgate.stores.ports import SCOPES


class Body(BaseModel):
    """A request body: a member that is not known is a mistake, and said."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SecretBody(Body):
    value: str = Field(description="The value; never returned.", repr=False)
    allowed_hosts: list[str] | None = Field(
        None, description="Hosts it may be sent to (`*.` for all below one); absent keeps the list."
    )


class AllowedHostsBody(Body):
    allowed_hosts: list[str] = Field(
        description="Hosts it may be sent to (`*.` for all below one); empty: any."
    )


class KeyPairBody(Body):
    algorithm: str = Field(description=f"One of {', '.join(KEY_PAIR_ALGORITHMS)}.")
    bits: int | None = Field(None, description=f"Of an RSA key: one of {', '.join(map(str, RSA_BITS))}.")
    publish: bool | None = Field(None, description="Absent: as it is; a new one is not published.")


class PublicKeyBody(Body):
    published: bool = Field(description="False withdraws the keys that it replaced, too.")
    algorithm: str | None = Field(
        None, description="What the JWK of an RSA key says that was not generated here."
    )


class VariableBody(Body):
    value: str


class TokenBody(Body):
    name: str = Field(description="What the token is for.")
    scopes: list[str] = Field(description=f"Some of {', '.join(SCOPES)}.")
    permalinks: list[str] = Field(default_factory=list, description="The only connectors it may touch.")
    origins: list[str] = Field(default_factory=list, description="The only page origins it may come from.")
    expires_at: str | float | None = Field(None, description="RFC 3339 or Unix seconds; absent: never.")


class CaptureBody(Body):
    minutes: int = Field(15, description="For how long bodies are kept with the runs, from 1 to 60.")


class TestBody(Body):
    """Either a document that need not be saved, or the permalink of a saved one."""

    __test__ = False
    connector: dict[str, Any] | None = None
    permalink: str | None = None
    request: dict[str, Any] | None = Field(
        None, description="`method`, `query`, `headers`, `path_params`, `body`, `user` (session claims)."
    )


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


class StepSampleBody(Body):
    body: str | None = None
    status_code: int = 200
    headers: dict[str, str] = {}


class PlaygroundBody(Body):
    template: str
    field: Literal["url", "header", "query", "authentication", "request_body", "response_body"]
    user: dict[str, Any] | None = Field(None, description="Session claims; absent: anonymous.")
    variables: dict[str, str] = {}
    path_params: dict[str, str] = {}
    body: str | None = None
    response_body: str | None = None
    response_status: int = 200
    response_headers: dict[str, str] = {}
    content_type: str | None = Field(None, description="What the field's output is declared to be.")
    steps: dict[str, StepSampleBody] | None = Field(
        None,
        description="What earlier steps gave; with it the template is one of a composite's step.",
    )
    query: dict[str, str] = Field({}, description="`request.query_parameters` of a step.")

    def sample(self) -> Sample:
        members = self.model_dump(exclude={"template", "field", "steps"})
        given = None if self.steps is None else self.steps.items()
        steps = None if given is None else {name: StepSample(**step.model_dump()) for name, step in given}
        return Sample(**members, steps=steps)


class FindingDocument(BaseModel):
    path: str
    message: str
    line: int | None = None
    column: int | None = None
    expression: str | None = None
    hint: str | None = None
    connector: str | None = None


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


class Stored(BaseModel):
    """What an answer adds to a document."""

    revision: int
    source: str | None
    created_at: str
    updated_at: str
    updated_by: str
    warnings: list[FindingDocument] | None = None


class ConnectorDocument(Connector, Stored):
    pass


class CompositeDocument(Composite, Stored):
    pass


AnyConnector = ConnectorDocument | CompositeDocument


class ConnectorList(BaseModel):
    connectors: list[AnyConnector]


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


class ProposedSecretDocument(BaseModel):
    name: str
    place: str = Field(description="The field that reads it.")
    advice: str = Field(description="What to put there.")
    found: bool = Field(description="Whether the input held a value; it is stored when the import is saved.")
    allowed_hosts: list[str]


class SnippetDocument(BaseModel):
    name: str
    title: str
    language: str
    text: str


class SnippetList(BaseModel):
    snippets: list[SnippetDocument]


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


class ProposalDocument(BaseModel):
    connector: dict[str, Any]
    secrets: list[ProposedSecretDocument]
    faults: list[FindingDocument]
    warnings: list[FindingDocument]
    saved: bool


class PlaygroundDocument(BaseModel):
    output: str | None
    error: dict[str, Any] | None
    faults: list[FindingDocument]
    warnings: list[FindingDocument]


class ReferenceEntry(BaseModel):
    kind: str
    name: str
    explanation: str
    example: str
    result: str | None
    fields: list[str]


class ReferenceList(BaseModel):
    entries: list[ReferenceEntry]


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


class SecretDocument(BaseModel):
    name: str
    first_character: str
    fingerprint: str
    version: int
    allowed_hosts: list[str]
    created_at: str
    updated_at: str
    updated_by: str
    published: bool = Field(description="Its public key is listed at `/.well-known/jwks.json`.")
    used_by: list[str]


class PublicKeyDocument(BaseModel):
    name: str
    version: int
    published: bool
    pem: str = Field(description="SubjectPublicKeyInfo.")
    jwk: dict[str, str] = Field(description="RFC 7517; `kid` is the thumbprint of RFC 7638.")


class SecretList(BaseModel):
    secrets: list[SecretDocument]


class SecretVersionDocument(BaseModel):
    version: int
    created_at: str
    created_by: str


class HostChangeDocument(BaseModel):
    allowed_hosts: list[str] = Field(description="As they were from then on; empty: any host.")
    changed_at: str
    changed_by: str


class SecretVersionList(BaseModel):
    versions: list[SecretVersionDocument] = Field(description="The newest first.")
    host_changes: list[HostChangeDocument] = Field(description="The newest first.")


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


class VariableDocument(BaseModel):
    name: str
    value: str
    created_at: str
    updated_at: str
    updated_by: str
    used_by: list[str]


class VariableList(BaseModel):
    variables: list[VariableDocument]


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


class SyncDocument(BaseModel):
    created: list[str]
    updated: list[str]
    deleted: list[str]
    warnings: list[FindingDocument]


class RegistryDocument(BaseModel):
    connectors: list[Connector]
    composite_connectors: list[Composite] = []


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


class TestDocument(BaseModel):
    __test__ = False
    status: int
    headers: dict[str, str]
    body: Any
    explain: dict[str, Any]
    debug_request: dict[str, Any]
