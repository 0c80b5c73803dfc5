"""`sealgate serve`: the supervisor of the two planes (design section 3).

Each plane is a process of its own; either may die without the other and is started again. Settings
reach them through a pipe: no argument list and no environment shows a secret.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.context import SpawnProcess

import structlog

from sealgate.errors import SealgateError
from sealgate.execution.engine import Engine
from sealgate.registry.follow import Follower
from sealgate.registry.git_sources import GitSources
from sealgate.settings import Settings
from sealgate.stores import back_up_notice
from sealgate.web import data_plane, logs
from sealgate.web.address import AddressUnusable, parse_address, require_free
from sealgate.web.plane import DRAIN_MARGIN, Plane, drain_seconds, run_plane

QUICK = 10.0
"""A plane that lives no longer than this many seconds died quickly."""
QUICK_DEATHS = 5
FIRST_PAUSE = 0.25
"""Seconds before a plane is started again; doubled after each quick death."""

PROCESSES = multiprocessing.get_context("spawn")
log = structlog.get_logger("sealgate.serve")


class CannotServe(Exception):
    """Its text says why, and what the operator has to do."""


def serve(settings: Settings) -> int:
    """Serve both planes until SIGTERM or SIGINT. Returns the exit code: 0 after an orderly stop, 1 when
    it cannot start or cannot go on; the reason is on standard error."""
    logs.configure(settings.log_level)
    try:
        asyncio.run(_serve(settings))
    except SealgateError as error:
        return _failed(error.detail)
    except (AddressUnusable, CannotServe) as error:
        return _failed(str(error))
    return 0


def _failed(reason: str) -> int:
    print(f"sealgate: {reason}", file=sys.stderr, flush=True)
    return 1


async def _serve(settings: Settings) -> None:
    planes = _planes(settings)
    for plane in planes:
        require_free(plane.address)
    async with await _prepared(settings) as engine:
        await _supervise(planes, settings, engine)


async def _supervise(planes: tuple[Plane, ...], settings: Settings, engine: Engine) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with _following(engine):
        keepers = [asyncio.create_task(_keep(plane, settings)) for plane in planes]
        for plane in planes:
            print(f"{plane.name}: {plane.address.url}", flush=True)
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([*keepers, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in (*keepers, stopping):
            task.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)
        for task in done - {stopping}:
            task.result()


def _planes(settings: Settings) -> tuple[Plane, Plane]:
    """Raises AddressUnusable."""
    data = parse_address("SEALGATE_LISTEN", settings.listen)
    control = parse_address("SEALGATE_ADMIN_LISTEN", settings.admin_listen)
    if (data.ip, data.port) == (control.ip, control.port):
        raise AddressUnusable("SEALGATE_LISTEN and SEALGATE_ADMIN_LISTEN must differ")
    return (
        Plane("data plane", "sealgate.web.data_plane:create_app", data, settings.workers),
        Plane("control plane", "sealgate.web.control_plane:create_app", control, 1),
    )


async def _prepared(settings: Settings) -> Engine:
    """The supervisor's engine: creates or upgrades the store before anybody else opens it, and refuses here
    what every worker would refuse. Raises SealgateError, CannotServe."""
    try:
        engine = await Engine.start(settings)
    except ValueError as problem:
        raise CannotServe(str(problem)) from None
    try:
        data_plane.create_app(engine)
        if not settings.runs_kept:
            await engine.store.runs.forget_all()
    except BaseException:
        await engine.stop()
        raise
    if engine.store.key_created:
        print(back_up_notice(settings.master_key_file), flush=True)
    return engine


# -- processes -------------------------------------------------------------------------------------


async def _keep(plane: Plane, settings: Settings) -> None:
    """Run a plane, and run it again when it dies; end it in order when cancelled. Raises CannotServe."""
    deaths = 0
    while True:
        process = PROCESSES.Process(target=run_plane, args=(plane, settings), name=plane.name)
        began = time.monotonic()
        process.start()
        log.info("plane_started", plane=plane.name, pid=process.pid)
        try:
            await _end_of(process)
        except asyncio.CancelledError:
            await _stop(process, drain_seconds(settings) + DRAIN_MARGIN)
            raise
        deaths = deaths + 1 if time.monotonic() - began < QUICK else 1
        log.error("plane_died", plane=plane.name, exit_code=process.exitcode)
        if deaths == QUICK_DEATHS:
            raise CannotServe(
                f"the {plane.name} died {deaths} times, each time within {QUICK:g} s of its start; "
                "its last log lines say why"
            )
        await asyncio.sleep(FIRST_PAUSE * 2 ** (deaths - 1))


async def _end_of(process: SpawnProcess) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process.sentinel, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(process.sentinel)
    process.join()


async def _stop(process: SpawnProcess, seconds: float) -> None:
    """SIGTERM, and SIGKILL for a process that does not end in time."""
    process.terminate()
    try:
        async with asyncio.timeout(seconds):
            await _end_of(process)
    except TimeoutError:
        process.kill()
        await _end_of(process)


# -- the registry ----------------------------------------------------------------------------------


@asynccontextmanager
async def _following(engine: Engine) -> AsyncIterator[None]:
    """Keep connectors in line with git sources, and with the files of SEALGATE_REGISTRY when it is set."""
    followed: list[Follower | GitSources] = [GitSources(engine)]
    if engine.settings.registry is not None:
        follower = Follower(engine, engine.settings.registry)
        await follower.start()
        followed.append(follower)
    tasks = [asyncio.create_task(_follow(each)) for each in followed]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _follow(sources: Follower | GitSources) -> None:
    """Nothing that goes wrong with a source ends the planes."""
    while True:
        try:
            await sources.run()
        except Exception as error:
            log.error("registry_not_followed", error=type(error).__name__)  # noqa: TRY400
            await asyncio.sleep(QUICK)
