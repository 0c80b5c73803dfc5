"""A process pinned to one core, and what it and its descendants use of the machine."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60
AT_REST_SECONDS, AT_REST_SHARE = 1.0, 0.06
"""A gateway is at rest when it used no more than this share of a core for so long."""
STOP_SECONDS = 20


class DidNotStart(Exception):
    """Its text ends with the last lines of what the process wrote."""


class Pinned:
    """`with Pinned(command, core=0, log=path) as process:`, ended with SIGTERM."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        core: int,
        log: Path,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # the commands are written in bench/
                ["/usr/bin/env", "taskset", "-c", str(core), *command],
                env={**os.environ, **(environment or {})},
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.pid = self._process.pid

    def __enter__(self) -> Pinned:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def wait_for(self, port: int) -> None:
        """Until it accepts connections. Raises DidNotStart."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise DidNotStart(self._log.read_text(errors="replace")[-2000:])
            time.sleep(0.02)

    def wait_until_at_rest(self) -> None:
        """Until all its processes have started, too, and none works: what a start costs is no call's.
        Raises DidNotStart."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            before = self.cpu_seconds()
            time.sleep(AT_REST_SECONDS)
            if self.cpu_seconds() - before < AT_REST_SECONDS * AT_REST_SHARE:
                return
        raise DidNotStart(f"it still works, with nothing to do, after {START_SECONDS} s")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for pid in tree(self.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, 9)
            self._process.wait()

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pid)

    def memory_bytes(self) -> int:
        return memory_bytes(self.pid)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/pid/stat (proc(5)) from the state on: the name before it may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def tree(root: int) -> list[int]:
    """The process and its descendants that are alive."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                children[int(_stat(int(entry.name))[1])].append(int(entry.name))
    found = [root]
    for pid in found:
        found.extend(children[pid])
    return found


def cpu_seconds(root: int) -> float:
    """User and system time of a process tree, with the children that it has waited for."""
    total = 0
    for pid in tree(root):
        with suppress(OSError):
            total += sum(int(field) for field in _stat(pid)[11:15])
    return total / TICKS


def memory_bytes(root: int) -> int:
    """Proportional set size of a process tree: a page that several share counts once."""
    return sum(pss(pid) for pid in tree(root))


def pss(pid: int) -> int:
    """Bytes; 0 for a process that has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def free_port() -> int:
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        port: int = each.getsockname()[1]
        return port
