"""One plane as a process: an ASGI application over an engine of its own, served by granian.

The only file that knows granian. A plane ends when the process that started it is gone.
"""

from __future__ import annotations

import multiprocessing
import os
import pkgutil
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait

import structlog
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from sealgate.errors import SealgateError
from sealgate.execution.engine import Engine
from sealgate.settings import Settings
from sealgate.web import logs
from sealgate.web.address import Address
from sealgate.web.asgi import App, Message, Receive, Scope, Send

HEADER_LIMIT = 64 * 1024
"""Bytes of a request's whole header."""
BACKLOG = 2048
CONNECTIONS = 1024
"""Per worker; more wait in the backlog."""
DRAIN_MARGIN = 5.0
"""Seconds beyond the upstream's timeout in which calls in flight may end."""

log = structlog.get_logger("sealgate.web")


@dataclass(frozen=True, slots=True)
class Plane:
    """`app` names `create_app(engine) -> App` as `module:function`: only its own process imports it."""

    name: str
    app: str
    address: Address
    workers: int


def run_plane(plane: Plane, settings: Settings) -> None:
    """Serve until SIGTERM. The target of a process."""
    # A Ctrl-C is meant for the supervisor, which then stops the planes in order.
    os.setpgid(0, 0)
    if sys.platform == "linux":
        # Workers share the memory of what is imported here, and start at once.
        multiprocessing.set_start_method("fork", force=True)
        pkgutil.resolve_name(plane.app)
    logs.configure(settings.log_level)
    end_with_parent()
    server = Server(
        plane.app,
        address=plane.address.ip,
        port=plane.address.port,
        interface=Interfaces.ASGI,
        workers=plane.workers,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(max_buffer_size=HEADER_LIMIT),
        log_level=LogLevels.warning,
        log_dictconfig=logs.SERVER_LOGGING,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=drain_seconds(settings),
    )
    server.serve(target_loader=partial(_load, plane, settings), wrap_loader=False)


def drain_seconds(settings: Settings) -> int:
    """How long a worker may go on with its calls after SIGTERM."""
    return int(settings.upstream_timeout + DRAIN_MARGIN)


def _load(plane: Plane, settings: Settings) -> App:
    """In each worker, before it serves."""
    logs.configure(settings.log_level)
    end_with_parent()
    return WithEngine(settings, pkgutil.resolve_name(plane.app))


class WithEngine:
    """Starts an engine before the first request and stops it after the last (ASGI lifespan): a worker
    takes no connection before its snapshot is loaded."""

    def __init__(self, settings: Settings, create_app: Callable[[Engine], App]) -> None:
        self._settings = settings
        self._create_app = create_app
        self._app: App

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            engine = await Engine.start(self._settings)
            self._app = self._create_app(engine)
        except (SealgateError, ValueError) as error:
            log.error("plane_not_started", reason=str(error))  # noqa: TRY400
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send(_done("startup"))
        await receive()
        close = getattr(self._app, "close", None)
        if close is not None:
            await close()
        await engine.stop()
        await send(_done("shutdown"))


def _done(phase: str) -> Message:
    return {"type": f"lifespan.{phase}.complete"}


def end_with_parent() -> None:
    """Stop in order, as on SIGTERM, when the process that started this one dies."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
