"""`/variables`: plain-text configuration."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from sealgate.services import variables
from sealgate.web.admin.access import Admin, allowed
from sealgate.web.admin.body import JsonBody, read_as
from sealgate.web.admin.documents.usage import UsageDocument
from sealgate.web.admin.documents.variables import VariableBody, VariableDocument, VariableList
from sealgate.web.admin.openapi import takes

router = APIRouter(prefix="/variables", tags=["variables"])

Reader = Annotated[Admin, allowed("read")]
Writer = Annotated[Admin, allowed("write")]


@router.get("", responses={200: {"model": VariableList}})
async def list_variables(admin: Reader) -> Response:
    """All variables with their values."""
    shown = await variables.list_variables(admin.engine, admin.tenant)
    return JSONResponse({"variables": [variable.as_json() for variable in shown]})


@router.get("/{name}", responses={200: {"model": VariableDocument}})
async def get_variable(admin: Reader, name: str) -> Response:
    """One variable."""
    return JSONResponse((await variables.get_variable(admin.engine, admin.tenant, name)).as_json())


@router.get("/{name}/usage", responses={200: {"model": UsageDocument}})
async def get_usage(admin: Reader, name: str) -> Response:
    """Where the variable is used, and where it could be because a name is computed."""
    usage = await variables.variable_usage(admin.engine, admin.tenant, name)
    return JSONResponse(usage.as_json())


@router.put(
    "/{name}",
    responses={200: {"model": VariableDocument}, 201: {"model": VariableDocument}},
    openapi_extra=takes("VariableBody"),
)
async def put_variable(admin: Writer, name: str, body: JsonBody) -> Response:
    """Create (201) or replace (200)."""
    given = read_as(VariableBody, body)
    shown = await variables.put_variable(admin.engine, admin.tenant, name, given.value, actor=admin.actor)
    return JSONResponse(shown.as_json(), status_code=201 if shown.created else 200)


@router.delete("/{name}", status_code=204)
async def delete_variable(admin: Writer, name: str, unused: bool = False) -> Response:
    """Delete a variable; what names it fails from now on. With `unused=true` only when nothing does (409)."""
    await variables.delete_variable(admin.engine, admin.tenant, name, actor=admin.actor, only_unused=unused)
    return Response(status_code=204)
