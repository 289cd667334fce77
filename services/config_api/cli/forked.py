"""Children that are forks of this process: they need not import again what it has imported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Final

_LOOK_S: Final = 0.05
_FAILED: Final = 70  # EX_SOFTWARE of sysexits.h
_FIRST_OF_OURS: Final = 3  # after stdin, stdout and stderr
_COMM: Final = Path("/proc/self/comm")


class Forked:
    """What a supervisor asks of `subprocess.Popen`, for a fork."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once it has ended; raises `subprocess.TimeoutExpired`."""
        began = monotonic()
        while (code := self.poll()) is None:
            if timeout is not None and monotonic() - began > timeout:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            sleep(_LOOK_S)
        return code

    def terminate(self) -> None:
        """Send SIGTERM if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)


def fork(
    work: Callable[[list[str]], int],
    arguments: Sequence[str],
    *,
    name: str,
    environment: Mapping[str, str],
) -> Forked:
    """Carry out `work` in a fork that shares no file, signal handler or variable with this process.

    It leads a process group of its own, writes to stderr, and `ps` shows its `name` (at most 15
    characters) as its command. This process must have one thread only.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        with suppress(PermissionError, ProcessLookupError):
            os.setpgid(pid, pid)  # whoever comes first: both may rely on it at once
        return Forked(pid)
    code = _FAILED
    try:
        _become(name, environment)
        code = work(list(arguments))
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else _FAILED
    except BaseException:  # noqa: BLE001 -- nothing may return into the supervisor's own code
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _become(name: str, environment: Mapping[str, str]) -> None:
    os.setpgid(0, 0)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _let_go_of_files()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.environ.clear()
    os.environ.update(environment)
    with suppress(OSError):
        _COMM.write_text(name, encoding="ascii")


def _let_go_of_files() -> None:
    """Put nothing in the place of stdin and of every file of the supervisor.

    Its lock and the warden's pipe tell that it lives, so they must not stay open here. Their
    numbers stay taken: objects that were made before the fork close them one day, and would close
    whatever had been opened under the same number since.
    """
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    for number in map(int, os.listdir("/dev/fd")):  # noqa: PTH208 -- names, not paths
        if number >= _FIRST_OF_OURS and number != nothing:
            with suppress(OSError):
                os.fstat(number)  # the list itself is closed by now
                os.dup2(nothing, number, inheritable=False)
    os.close(nothing)
