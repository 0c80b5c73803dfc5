"""`/sources`: git repositories whose registry file is followed, uploads, and what their runs did."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from sealgate.caller import DEFAULT_TENANT
from sealgate.services import sources
from sealgate.services.webhooks import receive_webhook
from sealgate.web.admin.access import Admin, allowed
from sealgate.web.admin.body import JsonBody
from sealgate.web.admin.documents.sources import (
    DeletedSource,
    GitSourceBody,
    RunList,
    SourceDocument,
    SourceList,
    SyncDocument,
    WebhookDocument,
)
from sealgate.web.admin.openapi import takes
from sealgate.web.body import Incoming
from sealgate.web.headers import decode

router = APIRouter(prefix="/sources", tags=["sources"])

Reader = Annotated[Admin, allowed("read")]
Writer = Annotated[Admin, allowed("write")]
SECRET_MEMBERS = ("credential", "webhook_secret")
WEBHOOK_LIMIT = 1024 * 1024


@router.get("", responses={200: {"model": SourceList}})
async def list_sources(admin: Reader) -> Response:
    """All sources, each with its newest run."""
    shown = await sources.list_sources(admin.engine, admin.tenant)
    return JSONResponse({"sources": [source.as_json() for source in shown]})


@router.get("/{name}", responses={200: {"model": SourceDocument}})
async def get_source(admin: Reader, name: str) -> Response:
    """One source."""
    return JSONResponse((await sources.get_source(admin.engine, admin.tenant, name)).as_json())


@router.put(
    "/{name}",
    responses={200: {"model": SourceDocument}, 201: {"model": SourceDocument}},
    openapi_extra=takes(GitSourceBody.__name__),
)
async def put_source(admin: Writer, name: str, document: JsonBody) -> Response:
    """Create (201) or change (200) a git source. One that names a secret needs the scope `secrets`, too."""
    if isinstance(document, dict) and any(document.get(member) is not None for member in SECRET_MEMBERS):
        admin.require_scope("secrets")
    shown = await sources.put_git_source(admin.engine, admin.tenant, name, document, actor=admin.actor)
    return JSONResponse(shown.as_json(), status_code=201 if shown.created else 200)


@router.delete("/{name}", responses={200: {"model": DeletedSource}})
async def delete_source(admin: Writer, name: str, keep_connectors: bool = False) -> Response:
    """Delete a source and its connectors; with `keep_connectors` these become ones made by hand."""
    permalinks = await sources.delete_source(
        admin.engine, admin.tenant, name, keep_connectors=keep_connectors, actor=admin.actor
    )
    return JSONResponse(
        {
            "name": name,
            "deleted": [] if keep_connectors else list(permalinks),
            "kept": list(permalinks) if keep_connectors else [],
        }
    )


@router.post("/{name}/sync", responses={200: {"model": SyncDocument}})
async def sync_source(admin: Writer, name: str) -> Response:
    """Run a git source now."""
    result = await sources.sync_source(admin.engine, admin.tenant, name, actor=admin.actor)
    return JSONResponse(result.as_json())


@router.get("/{name}/runs", responses={200: {"model": RunList}})
async def list_runs(admin: Reader, name: str) -> Response:
    """The last hundred runs, the newest first."""
    runs = await sources.list_runs(admin.engine, admin.tenant, name)
    return JSONResponse({"runs": [sources.run_as_json(run) for run in runs]})


@router.put(
    "/{name}/registry", responses={200: {"model": SyncDocument}}, openapi_extra=takes("RegistryDocument")
)
async def put_registry(admin: Writer, name: str, document: JsonBody, strict: bool = False) -> Response:
    """Make the source's connectors exactly those of the file, or change nothing and say every fault."""
    result = await sources.apply_registry(
        admin.engine, admin.tenant, name, document, actor=admin.actor, strict=strict
    )
    return JSONResponse(result.as_json())


@router.post("/{name}/webhook", status_code=202, responses={202: {"model": WebhookDocument}})
async def webhook(
    request: Request,
    name: str,
    signature: Annotated[str | None, Header(alias="X-Hub-Signature-256")] = None,
    token: Annotated[str | None, Header(alias="X-Gitlab-Token")] = None,
) -> Response:
    """A git server says that something was pushed. It proves itself by the source's webhook secret."""
    body = await Incoming(request.receive, decode(request.scope["headers"]), WEBHOOK_LIMIT).open()
    if body is not None and not isinstance(body, bytes):
        body = b"".join([part async for part in body])
    done = await receive_webhook(
        request.app.state.engine,
        request.path_params.get("tenant", DEFAULT_TENANT),
        name,
        body or b"",
        signature=signature,
        token=token,
    )
    return JSONResponse(done, status_code=202)
