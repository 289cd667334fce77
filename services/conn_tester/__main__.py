"""The program `relaybook-tester`."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

from events import core_dumps
from events.collector import spare_the_program
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
    gc.collect()
    spare_the_program()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        service.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return 0 if service.run() else _INTERNAL


if __name__ == "__main__":
    sys.exit(main())
