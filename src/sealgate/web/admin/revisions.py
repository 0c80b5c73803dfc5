"""`/connectors/{permalink}/revisions`: what a connector was, and back to it."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from sealgate.services import revisions
from sealgate.web.admin.connectors import IfMatch, Reader, Writer, answer, matching_revision
from sealgate.web.admin.documents.connectors import AnyConnector
from sealgate.web.admin.documents.revisions import DifferenceDocument, RevisionDocument, RevisionList

router = APIRouter(prefix="/connectors/{permalink}/revisions", tags=["connectors"])


@router.get("", responses={200: {"model": RevisionList}})
async def list_revisions(admin: Reader, permalink: str) -> Response:
    """The last fifty, the newest first; of a deleted connector for thirty days."""
    shown = await revisions.list_revisions(admin.engine, admin.tenant, permalink)
    return JSONResponse({"revisions": [revision.as_json() for revision in shown]})


@router.get("/{revision}", responses={200: {"model": RevisionDocument}})
async def get_revision(admin: Reader, permalink: str, revision: int) -> Response:
    """One revision with its document."""
    shown = await revisions.get_revision(admin.engine, admin.tenant, permalink, revision)
    return JSONResponse(shown.with_document())


@router.get("/{revision}/diff", responses={200: {"model": DifferenceDocument}})
async def compare_revisions(
    admin: Reader, permalink: str, revision: int, against: int | None = None
) -> Response:
    """What changed to this revision from another one; by default from the one before it."""
    difference = await revisions.compare_revisions(admin.engine, admin.tenant, permalink, revision, against)
    return JSONResponse(difference.as_json())


@router.post("/{revision}/restore", responses={200: {"model": AnyConnector}, 201: {"model": AnyConnector}})
async def restore_revision(
    admin: Writer, permalink: str, revision: int, strict: bool = False, if_match: IfMatch = None
) -> Response:
    """Save the revision's document anew: 200, or 201 when the connector had been deleted."""
    shown = await revisions.restore_revision(
        admin.engine,
        admin.tenant,
        permalink,
        revision,
        actor=admin.actor,
        strict=strict,
        if_revision=await matching_revision(admin, permalink, if_match),
    )
    return answer(shown)
