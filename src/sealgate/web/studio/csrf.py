"""Proof that a page of Studio sent a request: a token that only pages of this session hold.

It is in a meta tag, from which htmx's requests take it as the header `X-CSRF-Token`, and in every form as the
hidden field `csrf`. Beside it the browser's own word is asked for (`hosts.require_same_origin`).
"""

from __future__ import annotations

import hashlib
import hmac

from starlette.requests import Request

from sealgate.errors import Forbidden
from sealgate.execution.engine import Engine
from sealgate.secret import Secret
from sealgate.web.studio.forms import Form
from sealgate.web.studio.hosts import require_same_origin

HEADER = "x-csrf-token"
FIELD = "csrf"
SAFE = frozenset({"GET", "HEAD"})


def csrf_token(engine: Engine, session: Secret[str]) -> str:
    """The token of a session, by its cookie's text."""
    key = engine.store.derive_key("studio-csrf")
    return hmac.new(key, session.reveal().encode(), hashlib.sha256).hexdigest()


def require_csrf(request: Request, form: Form, expected: str) -> None:
    """Raises Forbidden for a request that may change something and that no page of this session sent."""
    if request.method in SAFE:
        return
    require_same_origin(request)
    shown = request.headers.get(HEADER) or form.get(FIELD)
    if not hmac.compare_digest(shown.encode(), expected.encode()):
        raise Forbidden("this page is out of date", hint="reload it, then try again")
