"""`/registry`: what is stored, as a registry file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from sealgate.registry.export import registry_text
from sealgate.services.registry import get_registry
from sealgate.web.admin.access import Admin, allowed
from sealgate.web.admin.documents.sources import RegistryDocument

router = APIRouter(prefix="/registry", tags=["sources"])

Reader = Annotated[Admin, allowed("read")]


@router.get("", responses={200: {"model": RegistryDocument}})
async def read_registry(admin: Reader, source: str | None = None) -> Response:
    """All connectors, or those of one source, as a registry file that can be applied again."""
    file = await get_registry(admin.engine, admin.tenant, source)
    return Response(registry_text(file), media_type="application/json")
