"""The control plane: the admin API and Studio. It is slower to import than all the rest, so that only its
own process does."""

from __future__ import annotations

import re

from sealgate.execution.engine import Engine
from sealgate.web import admin, studio
from sealgate.web.asgi import App, Receive, Scope, Send

API = re.compile(r"(/t/[^/]+)?/api(/.*)?|/healthz|/readyz|/metrics|/\.well-known/.*")
"""What programs ask for; people get pages."""


def create_app(engine: Engine) -> App:
    """The control plane over a started engine, whose owner stops it."""
    api = admin.create_app(engine)
    pages = studio.create_app(engine)

    async def control_plane(scope: Scope, receive: Receive, send: Send) -> None:
        await (api if API.fullmatch(scope["path"]) else pages)(scope, receive, send)

    return control_plane
