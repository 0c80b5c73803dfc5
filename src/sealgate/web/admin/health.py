"""`/healthz`: the process answers. `/readyz`: it can also read its store."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from sealgate.errors import Overloaded
from sealgate.execution.engine import Engine

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> JSONResponse:
    """Whether the process lives."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Whether the control plane can do its work."""
    engine: Engine = request.app.state.engine
    try:
        await engine.store.change_counter()
    except Exception as error:
        raise Overloaded(f"the store cannot be read ({type(error).__name__})") from None
    return JSONResponse({"status": "ready"})
