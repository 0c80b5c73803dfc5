"""Signatures by RSA keys, made beside the event loop: each would hold it for a third of a millisecond, 64
at once for 20 (decision 0011).

cryptography lets other threads run while OpenSSL computes. The standard library's executor costs twice as
much per step as these threads, a quarter of the signature itself.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

from sealgate.errors import Overloaded

THREAD_NAME = "signing"
MOST_THREADS = 4
AT_ONCE = 4
"""Results that are handed over together while others wait: a millisecond later at most."""
MOST_WAITING = 2000
"""Steps that wait for a thread; about half a second of them on one core."""

T = TypeVar("T")
_Job = tuple[Callable[[], Any], "asyncio.Future[Any]"]


class SigningThreads:
    """A few threads that run steps for one event loop. They start with the first step."""

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._most_waiting = most_waiting
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._done: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._threads: list[threading.Thread] = []
        self._waiting: set[asyncio.Future[Any]] = set()
        self._called = False
        self._closed = False

    async def run(self, step: Callable[[], T]) -> T:
        """The step's result, or what it raises. Raises Overloaded when too many steps wait."""
        if self._closed or len(self._waiting) >= self._most_waiting:
            raise Overloaded("too many signatures are waiting to be made; try again in a moment")
        loop = asyncio.get_running_loop()
        if not self._threads:
            self._start(loop)
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.add(future)
        self._jobs.put((step, future))
        try:
            return await future
        finally:
            self._waiting.discard(future)

    def close(self) -> None:
        """End the threads, each after the step that it is at; whoever still waits is cancelled."""
        self._closed = True
        for future in self._waiting:
            future.cancel()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        for number in range(min(MOST_THREADS, _cores())):
            name = f"{THREAD_NAME}-{number}"
            thread = threading.Thread(target=self._work, args=(loop,), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        while (job := self._jobs.get()) is not None:
            step, future = job
            if not future.cancelled():
                try:
                    self._done.append((future, step(), None))
                except Exception as error:
                    self._done.append((future, None, error))
            # While others wait, several results wake the loop once: waking it is the dear part.
            ready = len(self._done) >= AT_ONCE or self._jobs.empty()
            if ready and not self._called:
                self._called = True
                loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._called = False  # before the first is taken: what is done from now on calls again
        while self._done:
            future, result, error = self._done.popleft()
            if future.cancelled():
                continue
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)


def _cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
