"""`/test`: Test Connection, before or after saving, through the same code as a run (DESIGN 1.6, 14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from sealgate.errors import DocumentInvalid
from sealgate.execution.trial import TestRequest
from sealgate.findings import Finding
from sealgate.web.admin.access import Admin, scoped
from sealgate.web.admin.body import JsonBody, read_as
from sealgate.web.admin.documents.trials import TestBody, TestDocument
from sealgate.web.admin.openapi import takes
from sealgate.web.problems import problem

router = APIRouter(tags=["test"])

Tester = Annotated[Admin, scoped("write")]


@router.post("/test", responses={200: {"model": TestDocument}}, openapi_extra=takes("TestBody"))
async def test_connection(admin: Tester, body: JsonBody) -> Response:
    """Run a connector and explain the run. A run that fails answers with its own status and error, and
    with `explain` and `debug_request` all the same."""
    given = read_as(TestBody, body)
    target = _target(given)
    admin.require_permalink(target if isinstance(target, str) else target.get("permalink"))
    request = TestRequest.from_json(given.request)
    result = await admin.engine.test(admin.tenant, target, request)
    headers = {"x-debug-request": result.debug_header(), "x-request-id": result.request_id}
    if result.error is None:
        return JSONResponse(result.as_json(), headers=headers)
    made = problem(result.error, result.request_id)
    return JSONResponse(result.as_json(), made.status, {**dict(made.headers), **headers})


def _target(given: TestBody) -> Mapping[str, Any] | str:
    if (given.connector is None) == (given.permalink is None):
        message = "write either `connector` (a document) or `permalink` (a saved one)"
        raise DocumentInvalid(message, fields=[Finding("connector", message)])
    return given.connector if given.connector is not None else given.permalink or ""
