"""One plane as a group of processes: each worker serves an application over an engine of its own.

The plane's own process holds the listening sockets and starts a worker for each; a worker that dies is
started again at the same socket, so that no connection waiting there is lost. A plane ends when the process
that started it is gone.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import pkgutil
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

import structlog
import uvloop

from sealgate.errors import SealgateError
from sealgate.execution.engine import Engine
from sealgate.settings import Settings
from sealgate.web import logs
from sealgate.web.address import Address
from sealgate.web.asgi import App
from sealgate.web.server import Listening

BACKLOG = 2048
CONNECTIONS = 20_000
"""Per worker."""
SPARE_FILES = 1000
"""File descriptors beside the callers' connections."""
DRAIN_MARGIN = 5.0
"""Seconds beyond the upstream's timeout in which calls in flight may end."""
COLLECTED_AFTER = (50_000, 20, 50)
"""Objects that came and did not go before the youngest are looked through, and how many times before those
that outlived it are."""
QUICK = 1.0
"""A worker that lives no longer than this many seconds ends the plane: it would not live longer the next
time either."""

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
    logs.configure(settings.log_level)
    _allow_connections()
    end_with_parent()
    sockets = [_listener(plane) for _ in range(plane.workers)]
    if plane.workers == 1:
        sys.exit(_work(plane, settings, sockets[0]))
    # Workers share the memory of what is imported here, and start at once.
    pkgutil.resolve_name(plane.app)
    sys.exit(_Workers(plane, settings, sockets).run())


def drain_seconds(settings: Settings) -> int:
    """How long a worker may go on with its calls after SIGTERM."""
    return int(settings.upstream_timeout + DRAIN_MARGIN)


def _listener(plane: Plane) -> socket.socket:
    """A socket of the plane's address; the kernel spreads connections over those of one address."""
    address = plane.address
    family = socket.AF_INET6 if ":" in address.ip else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if plane.workers > 1:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((address.ip, address.port))
    return listener


def _allow_connections() -> None:
    """As many open files as callers may connect, where the operator's limit lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class _Workers:
    """The processes of a plane that has several."""

    def __init__(self, plane: Plane, settings: Settings, sockets: list[socket.socket]) -> None:
        self._plane = plane
        self._settings = settings
        self._sockets = sockets
        self._processes: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self._running: dict[BaseProcess, tuple[socket.socket, float]] = {}
        self._stopping = False

    def run(self) -> int:
        """Keep all of them until SIGTERM. Returns the exit code."""
        signal.signal(signal.SIGTERM, self._stop)
        for listener in self._sockets:
            self._start(listener)
        failed = 0
        while self._running:
            ended = wait([process.sentinel for process in self._running], self._patience())
            if self._stopping and not ended:
                for process in self._running:
                    process.kill()
            for process in [process for process in self._running if process.sentinel in ended]:
                failed |= self._ended(process)
        return failed

    def _start(self, listener: socket.socket) -> None:
        # SIGTERM is held back until the new process has lost our handler, and we know of the process.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        if not self._stopping:
            others = [other for other in self._sockets if other is not listener]
            task = (self._plane, self._settings, listener, others)
            process = self._processes.Process(target=_worker, args=task)
            process.start()
            self._running[process] = (listener, time.monotonic())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def _ended(self, process: BaseProcess) -> int:
        """Start another in its place, unless the plane is stopping or it died at once: then all end."""
        process.join()
        listener, began = self._running.pop(process)
        if self._stopping:
            return int(process.exitcode not in (0, -signal.SIGTERM))  # the latter before it had begun
        log.error("worker_died", plane=self._plane.name, exit_code=process.exitcode)
        if time.monotonic() - began < QUICK:
            self._stop()
            return 1
        self._start(listener)
        return 0

    def _patience(self) -> float | None:
        return drain_seconds(self._settings) + DRAIN_MARGIN if self._stopping else None

    def _stop(self, *_: object) -> None:
        self._stopping = True
        for process in self._running:
            process.terminate()
        for listener in self._sockets:  # the last to hold them are the workers, which stop listening now
            listener.close()


def _worker(plane: Plane, settings: Settings, listener: socket.socket, others: list[socket.socket]) -> None:
    """The target of a worker's process. `others` are the sockets of the other workers."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    for other in others:
        other.close()
    logs.configure(settings.log_level)
    end_with_parent()
    sys.exit(_work(plane, settings, listener))


def _work(plane: Plane, settings: Settings, listener: socket.socket) -> int:
    return uvloop.run(_serve(plane, settings, listener))


async def _serve(plane: Plane, settings: Settings, listener: socket.socket) -> int:
    """Serve at a socket until SIGTERM: no connection is taken before the snapshot is loaded. Returns the
    exit code."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    create_app: Callable[[Engine], App] = pkgutil.resolve_name(plane.app)
    try:
        engine = await Engine.start(settings)
    except (SealgateError, ValueError) as error:
        log.error("plane_not_started", reason=str(error))  # noqa: TRY400
        return 1
    try:
        app = create_app(engine)
        listening = await Listening.begin(app, listener, most=CONNECTIONS, backlog=BACKLOG)
        _spare_the_collector()
        await stop.wait()
        await listening.end(drain_seconds(settings))
        close = getattr(app, "close", None)
        if close is not None:
            await close()
    except (SealgateError, ValueError) as error:
        log.error("plane_not_started", reason=str(error))  # noqa: TRY400
        return 1
    finally:
        await engine.stop()
    return 0


def _spare_the_collector() -> None:
    """What is there after the start mostly stays, so the cycle collector need not walk it again; and calls
    that wait for an API are no garbage, however many objects they add up to. References that are no cycles
    are freed at once, as ever."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


def end_with_parent() -> None:
    """Stop in order, as on SIGTERM, when the process that started this one dies."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
