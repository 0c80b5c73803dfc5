"""`/connectors`: with `ETag` and `If-Match` against lost updates (RFC 9110 sections 8.8.3 and 13.1.1)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import JSONResponse

from sealgate.errors import ConnectorNotFound, PreconditionFailed
from sealgate.services import connectors
from sealgate.services.connectors import ShownConnector
from sealgate.services.snippets import snippets_of
from sealgate.web.admin.access import Admin, allowed
from sealgate.web.admin.body import JsonBody
from sealgate.web.admin.documents.connectors import AnyConnector, ConnectorList, SnippetList
from sealgate.web.admin.openapi import takes

router = APIRouter(prefix="/connectors", tags=["connectors"])

Reader = Annotated[Admin, allowed("read")]
Writer = Annotated[Admin, allowed("write")]
IfMatch = Annotated[str | None, Header(alias="If-Match")]


@router.get("", responses={200: {"model": ConnectorList}})
async def list_connectors(admin: Reader) -> Response:
    """All connectors of the tenant."""
    shown = await connectors.list_connectors(admin.engine, admin.tenant)
    return JSONResponse({"connectors": [connector.as_json() for connector in shown]})


@router.post(
    "",
    status_code=201,
    responses={201: {"model": AnyConnector}},
    openapi_extra=takes("Connector", "Composite"),
)
async def create_connector(admin: Writer, document: JsonBody, strict: bool = False) -> Response:
    """Create a connector; its permalink is derived from its name when absent."""
    shown = await connectors.create_connector(
        admin.engine, admin.tenant, document, actor=admin.actor, strict=strict
    )
    return answer(shown)


@router.get("/{permalink}", responses={200: {"model": AnyConnector}})
async def get_connector(admin: Reader, permalink: str) -> Response:
    """One connector, with the warnings that it has today."""
    return answer(await connectors.get_connector(admin.engine, admin.tenant, permalink))


@router.put(
    "/{permalink}",
    responses={200: {"model": AnyConnector}, 201: {"model": AnyConnector}},
    openapi_extra=takes("Connector", "Composite"),
)
async def put_connector(
    admin: Writer, permalink: str, document: JsonBody, strict: bool = False, if_match: IfMatch = None
) -> Response:
    """Create (201) or replace (200)."""
    shown = await connectors.put_connector(
        admin.engine,
        admin.tenant,
        permalink,
        document,
        actor=admin.actor,
        strict=strict,
        if_revision=await matching_revision(admin, permalink, if_match),
    )
    return answer(shown)


@router.delete("/{permalink}", status_code=204)
async def delete_connector(admin: Writer, permalink: str, if_match: IfMatch = None) -> Response:
    """Delete a connector that was made by hand."""
    await connectors.delete_connector(
        admin.engine,
        admin.tenant,
        permalink,
        actor=admin.actor,
        if_revision=await matching_revision(admin, permalink, if_match),
    )
    return Response(status_code=204)


@router.get("/{permalink}/snippets", responses={200: {"model": SnippetList}})
async def list_snippets(admin: Reader, permalink: str, gateway: str | None = None) -> Response:
    """How to call it from a page, a shell and Python. `gateway`: the data plane's URL as callers see it."""
    found = await snippets_of(admin.engine, admin.tenant, permalink, gateway)
    return JSONResponse({"snippets": [snippet.as_json() for snippet in found]})


def answer(shown: ShownConnector) -> JSONResponse:
    """A saved connector with its `ETag`; 201 when it was created."""
    return JSONResponse(
        shown.as_json(),
        status_code=201 if shown.created else 200,
        headers={"etag": _etag(shown.stored.revision)},
    )


def _etag(revision: int) -> str:
    return f'"{revision}"'


async def matching_revision(admin: Admin, permalink: str, if_match: str | None) -> int | None:
    """The revision that the change must find, `None` without a condition. The store looks once more."""
    if if_match is None:
        return None
    tags = {tag.strip() for tag in if_match.split(",")}
    try:
        stored = await admin.engine.store.get_connector(admin.tenant, permalink)
    except ConnectorNotFound:
        raise PreconditionFailed(f"there is no connector {permalink!r} for If-Match to match") from None
    if tags & {"*", _etag(stored.revision)}:
        return stored.revision
    raise PreconditionFailed(
        f"the connector {permalink!r} was changed since: its ETag is {_etag(stored.revision)}",
        hint="read it again, make the change there, and send the new ETag",
    )
