"""`/tokens`: API tokens. Only a token with the scope `admin` makes others."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from sealgate.services import tokens
from sealgate.web.admin.access import Admin, allowed
from sealgate.web.admin.body import JsonBody, read_as
from sealgate.web.admin.documents.tokens import CreatedToken, TokenBody, TokenList
from sealgate.web.admin.openapi import takes

router = APIRouter(prefix="/tokens", tags=["tokens"])

Owner = Annotated[Admin, allowed("admin")]


@router.get("", responses={200: {"model": TokenList}})
async def list_tokens(admin: Owner) -> Response:
    """All API tokens, without their text."""
    shown = await tokens.list_tokens(admin.engine, admin.tenant)
    return JSONResponse({"tokens": [token.as_json() for token in shown]})


@router.post("", status_code=201, responses={201: {"model": CreatedToken}}, openapi_extra=takes("TokenBody"))
async def create_token(admin: Owner, body: JsonBody) -> Response:
    """Create a token; its text is in this answer and nowhere else."""
    given = read_as(TokenBody, body)
    created = await tokens.create_token(
        admin.engine,
        admin.tenant,
        name=given.name,
        scopes=given.scopes,
        permalinks=given.permalinks,
        origins=given.origins,
        expires_at=given.expires_at,
        actor=admin.actor,
    )
    return JSONResponse(created.as_json(), status_code=201)


@router.delete("/{id}", status_code=204)
async def delete_token(admin: Owner, id: str) -> Response:
    """Revoke a token."""
    await tokens.delete_token(admin.engine, admin.tenant, id, actor=admin.actor)
    return Response(status_code=204)
