"""The control plane: the admin API. It is slower to import than all the rest, so that only its own
process does."""

from __future__ import annotations

from sealgate.execution.engine import Engine
from sealgate.web import admin
from sealgate.web.asgi import App


def create_app(engine: Engine) -> App:
    """The control plane over a started engine, whose owner stops it."""
    return admin.create_app(engine)
