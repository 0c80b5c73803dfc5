"""`/sources/{name}/registry`: a registry file pushed by a source, all or nothing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from sealgate.services import sources
from sealgate.web.admin.access import Admin, allowed
from sealgate.web.admin.body import JsonBody
from sealgate.web.admin.documents import SyncDocument
from sealgate.web.admin.openapi import takes

router = APIRouter(prefix="/sources", tags=["sources"])

Writer = Annotated[Admin, allowed("write")]


@router.put(
    "/{name}/registry", responses={200: {"model": SyncDocument}}, openapi_extra=takes("RegistryDocument")
)
async def put_registry(admin: Writer, name: str, document: JsonBody, strict: bool = False) -> Response:
    """Make the source's connectors exactly those of the file, or change nothing and say every fault."""
    result = await sources.apply_registry(
        admin.engine, admin.tenant, name, document, actor=admin.actor, strict=strict
    )
    return JSONResponse(result.as_json())
