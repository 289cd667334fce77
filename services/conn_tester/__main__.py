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
_HELP = """\
Usage: relaybook-tester

  Test the connections that the service asks for, until SIGTERM or Ctrl-C.

  Takes tests from the bus and claims them from the API with its token. The
  environment says where these are: RELAYBOOK_URL, RELAYBOOK_BROKER_URL,
  RELAYBOOK_TOKEN (or RELAYBOOK_DATA_DIR/tester.token). `relaybook up` starts
  a tester by itself. Exit codes: 0 done, 2 usage, 70 internal error.
"""


def main() -> int:
    """Run the tester until SIGTERM or SIGINT; return the exit code (contract §10)."""
    if len(sys.argv) > 1:
        return _told(sys.argv[1:])
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


def _told(arguments: list[str]) -> int:
    """Answer who asks for help, and refuse whatever else is given: nothing is started by that."""
    if arguments in (["-h"], ["--help"]):
        sys.stdout.write(_HELP)
        return 0
    sys.stderr.write("No arguments are taken: `relaybook-tester --help` explains it.\n")
    return _USAGE


if __name__ == "__main__":
    sys.exit(main())
