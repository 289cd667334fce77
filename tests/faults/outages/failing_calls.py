"""Makes system calls of a running process fail, as a broken disk does (strace)."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tests.faults.crash.dying import can_trace
from tests.faults.outages.children import children_of
from tests.support.services import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ATTACHED_S: Final = 0.5


@contextmanager
def failing(processes: Sequence[subprocess.Popen[bytes]], calls: str, error: str) -> Iterator[None]:
    """Have the named calls of processes and their children fail until the block ends."""
    if not can_trace():
        missing("strace is missing or may not trace here")
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}"]
    command += ["-e", f"inject={calls}:error={error}"]
    for process in processes:
        for pid in (process.pid, *children_of(process.pid)):
            command += ["-p", str(pid)]
    with subprocess.Popen(command) as strace:
        time.sleep(_ATTACHED_S)
        try:
            yield
        finally:
            strace.send_signal(signal.SIGINT)
            strace.wait()
