"""Log lines of every process: JSON, or for people at a terminal; to stderr, never a secret."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog

from events import log_lines

if TYPE_CHECKING:
    from structlog.typing import Processor


def configure(level: str, log_format: str | None) -> None:
    """Set up structlog and the standard library's logging for this process.

    `level` is debug, info, warning or error; `log_format` json or console, None is console where
    stderr is a terminal.
    """
    console = log_format == "console" or (log_format is None and sys.stderr.isatty())
    shared: list[Processor] = [
        log_lines.placed,
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
            foreign_pre_chain=shared, processors=log_lines.rendering(console=console)
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    logging.getLogger("alembic").setLevel("WARNING")  # it tells of every look at the schema
    log_lines.catch_the_rest()
