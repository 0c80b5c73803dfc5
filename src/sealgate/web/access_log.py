"""The log's line for each execution, the only one that is written at the pace of the calls.

Lines are gathered for a moment and written at once: a system call for each costs as much as the rest of
the line.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

GATHERED_SECONDS = 0.05
GATHERED_BYTES = 64 * 1024


class AccessLog:
    """Writes what `structlog` would write with the settings of `logs.configure`."""

    def __init__(self, level: str) -> None:
        """`level` is that of the settings: above `info` nothing is written."""
        self._silent = logging.getLevelName(level.upper()) > logging.INFO
        self._readable = structlog.get_logger("sealgate.access") if sys.stderr.isatty() else None
        self._lines: list[bytes] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None

    def execution(self, **members: Any) -> None:
        """One execution that has ended."""
        if self._silent:
            return
        if self._readable is not None:
            self._readable.info("execution", **members)
            return
        members |= {"event": "execution", "level": "info", "timestamp": datetime.now(UTC)}
        line = orjson.dumps(members, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)
        self._lines.append(line)
        self._size += len(line)
        if self._size > GATHERED_BYTES:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHERED_SECONDS, self.flush)

    def flush(self) -> None:
        """Write what was gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lines:
            lines, self._lines, self._size = self._lines, [], 0
            sys.stderr.buffer.write(b"".join(lines))
            sys.stderr.buffer.flush()
