"""Structured logs on stderr, for our own events and those of the libraries."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog

from events import log_lines

if TYPE_CHECKING:
    from structlog.typing import Processor


def configure_logs(*, level: str, log_format: str | None) -> None:
    """Log from `level` on, as `json` or `console`; None chooses console on a terminal."""
    console = log_format == "console" or (log_format is None and sys.stderr.isatty())
    shared: list[Processor] = [
        log_lines.placed,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=log_lines.rendering(console=console)
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        # what is below the level costs nothing
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=True,
    )
    log_lines.catch_the_rest()
