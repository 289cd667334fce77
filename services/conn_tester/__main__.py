"""The program `relaybook-tester`."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

from events import core_dumps
from events.figures import serve_figures
from events.tracing.configuring import configure_tracing
from services.conn_tester.figures import TESTER
from services.conn_tester.logs import configure_logs
from services.conn_tester.service import Service
from services.conn_tester.settings import InvalidSettings, read_settings

if TYPE_CHECKING:
    from types import FrameType

_USAGE = 2
_INTERNAL = 70
_NEW_OBJECTS = 10_000


def main() -> int:
    """Run the tester until SIGTERM or SIGINT; return the exit code (contract §10)."""
    try:
        settings = read_settings(os.environ)
    except InvalidSettings as error:
        sys.stderr.write(f"{error}\n")
        return _USAGE
    core_dumps.switch_off()
    configure_logs(level=settings.log_level, log_format=settings.log_format)
    configure_tracing(os.environ, service_name="relaybook-tester")
    if settings.metrics_bind is not None:
        try:
            serve_figures(*settings.metrics_bind, TESTER)
        except OSError as error:
            sys.stderr.write(f"RELAYBOOK_METRICS_BIND: cannot be listened on: {error.strerror}\n")
            return _USAGE
    service = Service(settings)
    _spare_the_collector()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        service.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return 0 if service.run() else _INTERNAL


def _spare_the_collector() -> None:
    """Let the garbage collector look at tests alone, and less often: each makes a thousand objects.

    What the program consists of stays for good; looking at it again and again took an eighth of
    the time of a thousand tests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 20)


if __name__ == "__main__":
    sys.exit(main())
