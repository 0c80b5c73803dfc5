"""`/runs`: the last executions; `/connectors/{permalink}/capture`: whether their bodies are kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from sealgate.services import captures, runs
from sealgate.web.admin.access import Admin, allowed, scoped
from sealgate.web.admin.body import JsonBody, read_as
from sealgate.web.admin.documents.runs import (
    CaptureBody,
    CaptureDocument,
    ExecutionDocument,
    RecentRunsDocument,
    RunPageDocument,
)
from sealgate.web.admin.openapi import takes

router = APIRouter(tags=["runs"])

Reader = Annotated[Admin, allowed("read")]
RunReader = Annotated[Admin, scoped("read")]
Writer = Annotated[Admin, allowed("write")]
Text = str | None


@router.get("/runs", responses={200: {"model": RunPageDocument}})
async def list_runs(
    admin: RunReader,
    connector: Text = None,
    status: Annotated[Text, Query(description="Such as `404`, or `4xx`.")] = None,
    outcome: Text = None,
    code: Text = None,
    user: Annotated[Text, Query(description="A user's id, or an API token's name.")] = None,
    request_id: Text = None,
    since: Text = None,
    until: Text = None,
    limit: int = 50,
    cursor: Annotated[Text, Query(description="`next` of the page before.")] = None,
) -> Response:
    """The last executions, the newest first."""
    admin.require_permalink(connector)
    wanted = runs.read_filter(
        {
            "connector": connector,
            "status": status,
            "outcome": outcome,
            "code": code,
            "user": user,
            "request_id": request_id,
            "since": since,
            "until": until,
        }
    )
    page = await runs.list_runs(admin.engine, admin.tenant, wanted, limit=limit, cursor=cursor)
    return JSONResponse(page.as_json())


@router.get("/runs/recent", responses={200: {"model": RecentRunsDocument}})
async def list_recent_runs(
    admin: RunReader,
    connector: Annotated[list[str], Query(description="A permalink; repeatable.")],
    count: Annotated[int, Query(description="Of each connector.")] = runs.SPARKLINE,
) -> Response:
    """How the last executions of some connectors ended, without those that were refused."""
    for permalink in connector:
        admin.require_permalink(permalink)
    recent = await runs.recent_runs(admin.engine, admin.tenant, connector, count)
    return JSONResponse(
        {
            "connectors": {
                permalink: [runs.point_as_json(point) for point in points]
                for permalink, points in recent.items()
            }
        }
    )


@router.get("/runs/{request_id}", responses={200: {"model": ExecutionDocument}})
async def get_run(admin: RunReader, request_id: str) -> Response:
    """One execution, explained; with its bodies, if there are any, for the scope `write`."""
    shown = await runs.get_run(admin.engine, admin.tenant, request_id, with_bodies=admin.may("write"))
    admin.require_permalink(shown.stored.head.permalink)
    return JSONResponse(shown.as_json())


@router.get("/connectors/{permalink}/capture", responses={200: {"model": CaptureDocument}})
async def get_capture(admin: Reader, permalink: str) -> Response:
    """Until when the bodies of this connector's calls are kept."""
    return JSONResponse((await captures.get_capture(admin.engine, admin.tenant, permalink)).as_json())


@router.put(
    "/connectors/{permalink}/capture",
    responses={200: {"model": CaptureDocument}},
    openapi_extra=takes(CaptureBody.__name__),
)
async def put_capture(admin: Writer, permalink: str, document: JsonBody) -> Response:
    """Keep the bodies of this connector's calls for some minutes."""
    given = read_as(CaptureBody, document)
    shown = await captures.capture_bodies(
        admin.engine, admin.tenant, permalink, given.minutes, actor=admin.actor
    )
    return JSONResponse(shown.as_json())


@router.delete("/connectors/{permalink}/capture", status_code=204)
async def delete_capture(admin: Writer, permalink: str) -> Response:
    """Keep no more of them."""
    await captures.end_capture(admin.engine, admin.tenant, permalink, actor=admin.actor)
    return Response(status_code=204)
