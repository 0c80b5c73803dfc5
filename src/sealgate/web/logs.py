"""Logs: JSON lines on standard error, readable lines where standard error is a terminal.

Everything goes through structlog, what libraries write with `logging` too. Nothing here ever sees a
query, a header or a body.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import structlog

LIBRARY_LEVEL = logging.WARNING


def configure(level: str) -> None:
    """Set up logging for this process. `level` is debug, info, warning or error."""
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if sys.stderr.isatty():
        renderer: structlog.typing.Processor = structlog.dev.ConsoleRenderer(
            exception_formatter=structlog.dev.plain_traceback
        )
        factory: Any = structlog.PrintLoggerFactory(sys.stderr)
        text_renderer = renderer
    else:
        renderer = structlog.processors.JSONRenderer(serializer=orjson.dumps, default=str)
        factory = structlog.BytesLoggerFactory(sys.stderr.buffer)
        text_renderer = structlog.processors.JSONRenderer(default=str)
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=factory,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                text_renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LIBRARY_LEVEL)
