"""`/playground` and `/template-reference`: templates tried and explained."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from sealgate.services.playground import FIELDS, play
from sealgate.templates.reference import reference
from sealgate.web.admin.access import Admin, allowed
from sealgate.web.admin.body import JsonBody, read_as
from sealgate.web.admin.documents.playground import PlaygroundBody, PlaygroundDocument, ReferenceList
from sealgate.web.admin.openapi import takes

router = APIRouter(tags=["templates"])

Reader = Annotated[Admin, allowed("read")]


@router.post(
    "/playground",
    responses={200: {"model": PlaygroundDocument}},
    openapi_extra=takes("PlaygroundBody"),
)
async def try_template(admin: Reader, body: JsonBody) -> Response:
    """A template on sample data, as its field would render it; secrets are placeholders."""
    given = read_as(PlaygroundBody, body)
    played = await play(admin.tenant, given.template, FIELDS[given.field], given.sample())
    return JSONResponse(played.as_json())


@router.get("/template-reference", responses={200: {"model": ReferenceList}})
async def list_reference(admin: Reader) -> Response:
    """Every function and filter, with an example and the fields that have it."""
    return JSONResponse({"entries": [entry.as_json() for entry in reference()]})
