"""`/cache/purge`: forget cached responses of APIs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, ValidationError

from sealgate.errors import RequestInvalid
from sealgate.services.cache import purge_cache
from sealgate.web.admin.access import Admin, allowed
from sealgate.web.admin.body import JsonBody

router = APIRouter(prefix="/cache", tags=["cache"])

Writer = Annotated[Admin, allowed("write")]


class Purge(BaseModel):
    """Whose responses are forgotten: one connector's, or all of the tenant."""

    model_config = ConfigDict(extra="forbid", strict=True)

    permalink: str | None = None


class Purged(BaseModel):
    """How many responses there were."""

    purged: int


@router.post("/purge", responses={200: {"model": Purged}})
async def purge(admin: Writer, document: JsonBody) -> Response:
    """Forget cached responses: `{"permalink": "…"}` of one connector, `{}` of the whole tenant."""
    try:
        wanted = Purge.model_validate(document)
    except ValidationError:
        raise RequestInvalid('send {"permalink": "…"} for one connector, or {} for all') from None
    return JSONResponse({"purged": await purge_cache(admin.engine, admin.tenant, wanted.permalink)})
