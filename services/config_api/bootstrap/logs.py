"""Log lines of every process: JSON, or for people at a terminal; to stderr, never a secret."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from structlog.typing import Processor


def configure(level: str, log_format: str | None) -> None:
    """Set up structlog and the standard library's logging for this process.

    `level` is debug, info, warning or error; `log_format` json or console, None is console where
    stderr is a terminal.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=_rendering(log_format)
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    logging.getLogger("alembic").setLevel("WARNING")  # it tells of every look at the schema


def _rendering(log_format: str | None) -> list[Processor]:
    """Return how a line is written; tracebacks come without local variables, which hold secrets."""
    drop = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    is_console = log_format == "console" or (log_format is None and sys.stderr.isatty())
    if is_console:
        plain = structlog.dev.plain_traceback
        return [drop, structlog.dev.ConsoleRenderer(exception_formatter=plain)]
    return [
        drop,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
