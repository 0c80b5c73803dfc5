"""The machine that is measured on: which core is whose, and what a reader has to know about it."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cores:
    """The gateway has a core to itself; the load generator, the upstream and this program share another."""

    gateway: int
    load: int

    @classmethod
    def take(cls) -> Cores:
        """Choose two cores and move this process to the load's. Exits when there is only one."""
        allowed = sorted(os.sched_getaffinity(0))
        if len(allowed) < 2:
            sys.exit("bench: two cores are needed: one for the gateway, one for the load and the upstream")
        cores = cls(allowed[0], allowed[1])
        os.sched_setaffinity(0, {cores.load})
        return cores


def facts() -> dict[str, str]:
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    assert memory
    return {
        "cpu": _cpu_model(),
        "cores": str(os.cpu_count()),
        "memory": f"{int(memory[1]) / 1024**2:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "commit": _commit(),
    }


def _cpu_model() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return found[1].strip() if found else platform.machine()


def _commit() -> str:
    """The commit of this project, marked when there are changes on top of it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607  # whichever git is installed
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"
