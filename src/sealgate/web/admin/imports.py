"""`/import` and `/examples`: connectors from what people have at hand. Nothing is saved unless `save`
says so, and no answer repeats the value of a secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from sealgate.importing.example_files import examples
from sealgate.services import imports
from sealgate.services.imports import CheckedProposal
from sealgate.web.admin.access import Admin, allowed, scoped
from sealgate.web.admin.body import JsonBody, read_as
from sealgate.web.admin.documents.imports import (
    CurlBody,
    ExampleList,
    OpenApiBody,
    OpenApiDocument,
    ProposalDocument,
)
from sealgate.web.admin.openapi import takes

router = APIRouter(tags=["import"])

Reader = Annotated[Admin, allowed("read")]
Importer = Annotated[Admin, scoped("write")]


@router.get("/examples", responses={200: {"model": ExampleList}})
async def list_examples(admin: Reader) -> Response:
    """Connectors to begin with, and the secrets that each needs."""
    return JSONResponse({"examples": [example.as_json() for example in examples()]})


@router.post(
    "/import/curl",
    responses={200: {"model": ProposalDocument}, 201: {"model": ProposalDocument}},
    openapi_extra=takes("CurlBody"),
)
async def import_curl(admin: Importer, body: JsonBody, strict: bool = False) -> Response:
    """A curl command as a connector (200), or saved with its secrets (201)."""
    given = read_as(CurlBody, body)
    proposed = await imports.propose_curl(admin.engine, admin.tenant, given.command, name=given.name)
    if not given.save:
        return JSONResponse(proposed.as_json())
    (saved,) = await _saved(admin, [proposed], strict)
    return JSONResponse(saved.as_json(), status_code=201)


@router.post(
    "/import/openapi",
    responses={200: {"model": OpenApiDocument}, 201: {"model": OpenApiDocument}},
    openapi_extra=takes("OpenApiBody"),
)
async def import_openapi(admin: Importer, body: JsonBody, strict: bool = False) -> Response:
    """The operations of an OpenAPI document, and a connector for each that is picked (200), or these saved
    together (201)."""
    given = read_as(OpenApiBody, body)
    specification = await imports.read_openapi(given.document)
    proposals = await imports.propose_operations(
        admin.engine, admin.tenant, specification, given.operations, base_url=given.base_url
    )
    saved = given.save and bool(proposals)
    if saved:
        proposals = await _saved(admin, proposals, strict)
    answer = {
        "title": specification.title,
        "operations": [operation.as_json() for operation in specification.operations()],
        "connectors": [proposed.as_json() for proposed in proposals],
    }
    return JSONResponse(answer, status_code=201 if saved else 200)


async def _saved(admin: Admin, proposals: Sequence[CheckedProposal], strict: bool) -> list[CheckedProposal]:
    for proposed in proposals:
        admin.require_permalink(proposed.permalink)
        if any(secret.value is not None for secret in proposed.proposal.secrets):
            admin.require_scope("secrets")
    return await imports.save_proposals(
        admin.engine, admin.tenant, proposals, actor=admin.actor, strict=strict
    )
