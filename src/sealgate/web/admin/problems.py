"""What the framework raises, as our own errors: the admin API's replies are all of one envelope."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from sealgate.errors import MethodNotAllowed, NotFound, RequestInvalid, SealgateError, Unexpected
from sealgate.findings import Finding
from sealgate.web.problems import problem

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def reply(error: SealgateError, request_id: str) -> Response:
    """The error as a reply of the framework."""
    made = problem(error, request_id)
    return Response(made.body, made.status, dict(made.headers))


def answer_errors(app: FastAPI) -> None:
    """Answer our own errors, unknown paths, wrong methods and bad parameters alike."""
    for kind, translate in TRANSLATIONS.items():
        app.add_exception_handler(kind, _handler(translate))


def _handler(translate: Callable[[Request, Exception], SealgateError]) -> Callable[..., Response]:
    def handle(request: Request, error: Exception) -> Response:
        return reply(translate(request, error), request.state.request_id)

    return handle


def _same(_: Request, error: Exception) -> SealgateError:
    assert isinstance(error, SealgateError)
    return error


def _of_framework(request: Request, error: Exception) -> SealgateError:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return NotFound(f"there is nothing at {request.url.path}; see /api/v1/openapi.json")
    if error.status_code == 405:
        methods = _methods_of(request)
        detail = f"{request.method} is not allowed here; use {', '.join(methods)}"
        return MethodNotAllowed(detail, headers={"allow": ", ".join(methods)})
    return Unexpected()


def _of_parameters(_: Request, error: Exception) -> SealgateError:
    assert isinstance(error, RequestValidationError)
    faults = [
        Finding(".".join(str(part) for part in fault["loc"][1:]), fault["msg"]) for fault in error.errors()
    ]
    return RequestInvalid("a parameter of the request is not valid", fields=faults)


def _methods_of(request: Request) -> list[str]:
    """Every method that has a route at this path."""
    return [
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


TRANSLATIONS: dict[type[Exception], Callable[[Request, Exception], SealgateError]] = {
    SealgateError: _same,
    HTTPException: _of_framework,
    RequestValidationError: _of_parameters,
}
