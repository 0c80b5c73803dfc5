"""`/secrets`: values go in and are never answered."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from sealgate.secret import Secret
from sealgate.services import secrets
from sealgate.web.admin.access import Admin, allowed
from sealgate.web.admin.body import JsonBody, read_as
from sealgate.web.admin.documents import SecretBody, SecretDocument, SecretList, UsageDocument
from sealgate.web.admin.openapi import takes

router = APIRouter(prefix="/secrets", tags=["secrets"])

Reader = Annotated[Admin, allowed("read", "secrets")]
Writer = Annotated[Admin, allowed("secrets")]


@router.get("", responses={200: {"model": SecretList}})
async def list_secrets(admin: Reader) -> Response:
    """All secrets: name, first character, fingerprint, where they are used; no values."""
    shown = await secrets.list_secrets(admin.engine, admin.tenant)
    return JSONResponse({"secrets": [secret.as_json() for secret in shown]})


@router.get("/{name}", responses={200: {"model": SecretDocument}})
async def get_secret(admin: Reader, name: str) -> Response:
    """What may be seen of one secret."""
    return JSONResponse((await secrets.get_secret(admin.engine, admin.tenant, name)).as_json())


@router.get("/{name}/usage", responses={200: {"model": UsageDocument}})
async def get_usage(admin: Reader, name: str) -> Response:
    """Where the secret is used, and where it could be because a name is computed."""
    usage = await secrets.secret_usage(admin.engine, admin.tenant, name)
    return JSONResponse(usage.as_json())


@router.put(
    "/{name}",
    responses={200: {"model": SecretDocument}, 201: {"model": SecretDocument}},
    openapi_extra=takes("SecretBody"),
)
async def put_secret(admin: Writer, name: str, body: JsonBody) -> Response:
    """Create (201) or give a new value (200)."""
    given = read_as(SecretBody, body)
    shown = await secrets.put_secret(
        admin.engine,
        admin.tenant,
        name,
        Secret(given.value),
        allowed_hosts=given.allowed_hosts,
        actor=admin.actor,
    )
    return JSONResponse(shown.as_json(), status_code=201 if shown.created else 200)


@router.delete("/{name}", status_code=204)
async def delete_secret(admin: Writer, name: str, unused: bool = False) -> Response:
    """Delete a secret; what names it fails from now on. With `unused=true` only when nothing does (409)."""
    await secrets.delete_secret(admin.engine, admin.tenant, name, actor=admin.actor, only_unused=unused)
    return Response(status_code=204)
