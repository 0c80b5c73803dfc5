"""Errors as pages, or as a notice at the edge of the page where htmx asked: made here and nowhere else."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sealgate.errors import AuthenticationRequired, MethodNotAllowed, NotFound, SealgateError, Unexpected
from sealgate.web.studio.respond import respond
from sealgate.web.studio.signing_in import sign_in_page

if TYPE_CHECKING:
    from sealgate.web.studio.visit import Visit

TITLES = {
    400: "That did not work",
    401: "You are signed out",
    403: "You may not do this",
    404: "There is nothing here",
    405: "That cannot be done here",
    409: "Something else is in the way",
    412: "Someone else changed it meanwhile",
    413: "That is too large",
    422: "Some things need a correction",
    500: "Something went wrong",
    503: "Busy",
}


def problem_page(error: SealgateError, request: Request) -> Response:
    """The answer to an error, as a page or as a fragment for `#toasts`."""
    visit: Visit | None = getattr(request.state, "visit", None)
    for_htmx = "hx-request" in request.headers
    if isinstance(error, AuthenticationRequired) and not for_htmx:
        return _reopen(request) or sign_in_page(request)
    context = {
        "error": error,
        "title": TITLES.get(error.status) or HTTPStatus(error.status).phrase,
        "request_id": request.state.request_id,
    }
    template = "problem_toast.html" if for_htmx else "problem.html"
    response = respond(request, template, context, visit=visit, status=error.status)
    response.headers.update(error.headers)
    if for_htmx:
        response.headers["hx-retarget"] = "#toasts"
        response.headers["hx-reswap"] = "beforeend"
    return response


def answer_own(request: Request, error: Exception) -> Response:
    assert isinstance(error, SealgateError)
    return problem_page(error, request)


def answer_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return problem_page(NotFound("no page of Studio has this address"), request)
    if error.status_code == 405:
        return problem_page(MethodNotAllowed(headers=error.headers or {}), request)
    return problem_page(Unexpected(), request)


def _reopen(request: Request) -> Response | None:
    """A link from another site comes without the session cookie (SameSite=Strict). Opened once more by a
    page of our own it has it."""
    headers = request.headers
    if (
        request.method == "GET"
        and headers.get("sec-fetch-site") in ("cross-site", "same-site")
        and headers.get("sec-fetch-dest") == "document"
    ):
        return respond(request, "signing_in/reopen.html", {}, visit=None)
    return None
