"""Driving `load.c`, the load generator."""

from __future__ import annotations

import json
import struct
import subprocess
import tempfile
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.options import FOLDER

PROGRAM = FOLDER / ".build" / "load"


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of the generator came to."""

    completed: int
    failed: int
    unfinished: int
    reconnected: int
    body_bytes: int
    seconds: float
    cpu_seconds: float
    """Of the generator itself."""
    latencies: array[int]
    """Microseconds, in the order of completion."""

    @property
    def per_second(self) -> float:
        return self.completed / self.seconds


class LoadFailed(Exception):
    """Not every request was answered with success."""


class Generator:
    """Sends requests, in turn, to one port. Call `result` for what came of it."""

    def __init__(
        self,
        port: int,
        requests: Iterable[bytes],
        *,
        connections: int = 64,
        seconds: float = 1.0,
        rate: float | None = None,
        once: bool = False,
        hold: bool = False,
    ) -> None:
        """`rate` (per second): an open loop; `once`: one request on each connection, all at a time;
        `hold`: keep the connections open until `release`."""
        self._folder = tempfile.TemporaryDirectory(prefix="sealgate-bench-")
        folder = Path(self._folder.name)
        (folder / "requests").write_bytes(b"".join(struct.pack("=I", len(each)) + each for each in requests))
        self._latencies = folder / "latencies"
        command: list[str | Path] = [
            PROGRAM,
            "127.0.0.1",
            str(port),
            folder / "requests",
            "--latencies",
            self._latencies,
        ]
        command += ["--connections", str(connections), "--seconds", str(seconds)]
        command += ["--rate", str(rate)] if rate else []
        command += ["--once"] if once else []
        command += ["--hold"] if hold else []
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def result(self) -> Load:
        """Wait for the replies. Raises LoadFailed."""
        assert self._process.stdout and self._process.stderr
        line = self._process.stdout.readline()
        if not line:
            raise LoadFailed(self._process.stderr.read())
        latencies: array[int] = array("I", self._latencies.read_bytes())
        load = Load(**json.loads(line), latencies=latencies)
        if load.failed or load.unfinished or not load.completed:
            self.release()
            raise LoadFailed(
                f"{load.completed} completed, {load.failed} failed, {load.unfinished} unanswered\n"
                + self._process.stderr.read()
            )
        return load

    def release(self) -> None:
        """Close the connections."""
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._process.stdin.close()
        self._process.wait()
        self._folder.cleanup()


def run(
    port: int,
    requests: Iterable[bytes],
    *,
    connections: int = 64,
    seconds: float = 1.0,
    rate: float | None = None,
    once: bool = False,
) -> Load:
    """One whole run. Raises LoadFailed."""
    generator = Generator(port, requests, connections=connections, seconds=seconds, rate=rate, once=once)
    try:
        return generator.result()
    finally:
        generator.release()
