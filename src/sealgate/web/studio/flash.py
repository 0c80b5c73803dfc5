"""A sentence that a change leaves for the page that comes next, in a cookie that this page takes away."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "sealgate-studio-toast"
TONES = ("good", "bad", "plain")
LONGEST = 500
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Toast:
    text: str
    tone: str


def leave(response: Response, text: str, tone: str) -> None:
    content = base64.urlsafe_b64encode(json.dumps([text[:LONGEST], tone]).encode()).decode()
    response.set_cookie(COOKIE, content, max_age=SECONDS, path="/", httponly=True, samesite="strict")


def take(request: Request) -> Toast | None:
    """What an earlier answer left; anything else is not shown."""
    try:
        text, tone = json.loads(base64.urlsafe_b64decode(request.cookies.get(COOKIE, "")))
    except (ValueError, TypeError, binascii.Error):
        return None
    return Toast(text, tone) if isinstance(text, str) and tone in TONES else None


def forget(request: Request, response: Response) -> None:
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
