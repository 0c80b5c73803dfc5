"""The admin API as one ASGI application."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from sealgate import __version__
from sealgate.execution.engine import Engine
from sealgate.web.admin import (
    cache,
    connectors,
    health,
    imports,
    playground,
    registry,
    revisions,
    runs,
    secrets,
    sources,
    tokens,
    trials,
    variables,
)
from sealgate.web.admin.documents.errors import ErrorEnvelope
from sealgate.web.admin.envelope import Envelope
from sealgate.web.admin.openapi import describe
from sealgate.web.admin.problems import answer_errors

PREFIX = "/api/v1"


def create_app(engine: Engine) -> FastAPI:
    """The control plane over a started engine, whose owner stops it."""
    app = FastAPI(
        title="Sealgate admin API",
        version=__version__,
        description="Connectors, secrets, variables, registry sources and API tokens of a tenant. "
        "Another tenant's are under `/t/{tenant}/api/v1`.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.engine = engine
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    app.add_middleware(Envelope, engine=engine)
    answer_errors(app)
    app.include_router(health.router)
    api = APIRouter(responses={status: {"model": ErrorEnvelope} for status in (401, 403, 422)})
    for module in (
        cache, connectors, imports, playground, registry, revisions, runs, secrets, sources, tokens, trials,
        variables,
    ):  # fmt: skip
        api.include_router(module.router)
    app.include_router(api, prefix=PREFIX)
    app.include_router(api, prefix="/t/{tenant}" + PREFIX, include_in_schema=False)
    return app
