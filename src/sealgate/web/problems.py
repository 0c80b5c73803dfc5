"""Errors as replies: the envelope of REFERENCE 10.3, made here and nowhere else."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from sealgate.errors import SealgateError, TokenRequestFailed, Unexpected

CHALLENGE = 'Bearer realm="sealgate"'
"""RFC 9110 section 15.5.2 wants a challenge in every 401."""

log = structlog.get_logger("sealgate.web")


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it goes out. Header names are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def problem(error: SealgateError, request_id: str) -> Problem:
    """The reply for an error, with the headers that its status needs."""
    headers = {name.lower(): value for name, value in error.headers.items()}
    headers["content-type"] = "application/json"
    if error.status == 401:
        headers.setdefault("www-authenticate", CHALLENGE)
    if isinstance(error, TokenRequestFailed) and error.retry_after:
        headers.setdefault("retry-after", str(math.ceil(error.retry_after)))
    return Problem(error.status, tuple(headers.items()), orjson.dumps(envelope(error, request_id)))


def envelope(error: SealgateError, request_id: str) -> dict[str, Any]:
    return {"success": False, "errors": error.as_json(), "request_id": request_id}


def unexpected(request_id: str, scrub: Callable[[str], str]) -> Unexpected:
    """The error for an exception that nobody expected, from inside its `except`. The operator finds
    its scrubbed traceback in the log; the caller is told nothing of it."""
    log.error("unexpected_error", request_id=request_id, traceback=scrub(traceback.format_exc()))
    return Unexpected("an unexpected error; the operator finds it in the log by the request id")
