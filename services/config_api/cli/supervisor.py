"""Keeps child processes running until it is told to stop, and leaves none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Final

from services.config_api.cli.forked import Forked, fork
from services.config_api.cli.language import tr
from services.config_api.cli.warden import GRACE_S

_LOOK_S: Final = 0.1
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 30.0
_STEADY_S: Final = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """One child: its name for messages, its command and its whole environment.

    With `within` it is a fork of this process: that imports what the command needs, for all such
    children once, and answers what carries it out.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    within: Callable[[], Callable[[list[str]], int]] | None = None


class Supervisor:
    """Starts programs, each in a process group of its own, and starts again what dies.

    `tell` gets a line for each death. A program that keeps dying waits longer each time, up to
    30 s; one that ran for 30 s begins anew. Children write to stderr: stdout is the caller's.
    """

    def __init__(self, programs: Sequence[Program], *, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._stopping = False
        self._warden = _start_warden()
        self._children = [_Child(program) for program in programs]

    def stop_on_signals(self) -> None:
        """Let SIGTERM, SIGINT and SIGHUP end `run`."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: self.request_stop())

    def request_stop(self) -> None:
        """Make `run` return soon; safe in a signal handler."""
        self._stopping = True

    @property
    def all_run(self) -> bool:
        """True where every child is running now."""
        return all(child.process is not None for child in self._children)

    def run(self, until: Callable[[], bool] = lambda: False) -> bool:
        """Watch over the children until `until` holds (True) or a stop is requested (False)."""
        while not self._stopping:
            for child in self._children:
                self._look_after(child)
            if until():
                return True
            sleep(_LOOK_S)
        return False

    def stop(self) -> None:
        """End all children: SIGTERM, ten seconds to drain, then SIGKILL to what is left."""
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        until = monotonic() + GRACE_S
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - monotonic()))
            _end_group(process)
            _write(self._warden, f"-{process.pid}\n")
        self._warden.communicate()

    def _look_after(self, child: _Child) -> None:
        if child.process is None:
            if monotonic() >= child.due:
                self._announce("+", child.start())
        elif child.process.poll() is not None:
            ended = child.process
            _end_group(ended)
            self._announce("-", ended.pid)
            wait = child.note_death()
            words = tr("{name} ended with status {status}; it is started again in {seconds} s.",
                       name=child.program.name, status=ended.returncode, seconds=wait)  # fmt: skip
            self._tell(words)

    def _announce(self, sign: str, group: int) -> None:
        """Tell the warden; one that was killed is replaced and told of all children."""
        if self._warden.poll() is not None:
            self._warden = _start_warden()
            for child in self._children:
                if child.process is not None:
                    _write(self._warden, f"+{child.process.pid}\n")
            return
        _write(self._warden, f"{sign}{group}\n")


class _Child:
    """A program and its present process; `due` is when to start it next."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | Forked | None = None
        self.due = 0.0
        self._started = 0.0
        self._wait = _FIRST_WAIT_S

    def start(self) -> int:
        program = self.program
        self._started = monotonic()
        if program.within is not None:
            self.process = fork(
                program.within(),
                program.command,
                name=f"relaybook-{program.name}",
                environment=program.environment,
            )
        else:
            self.process = subprocess.Popen(  # noqa: S603 -- our own programs
                program.command,
                env=program.environment,
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),
                process_group=0,
            )
        return self.process.pid

    def note_death(self) -> float:
        """Return the seconds until the next start."""
        if monotonic() - self._started > _STEADY_S:
            self._wait = _FIRST_WAIT_S
        wait, self._wait = self._wait, min(self._wait * 2, _LONGEST_WAIT_S)
        self.process, self.due = None, monotonic() + wait
        return wait


def _start_warden() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "services.config_api.cli.warden"],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _write(warden: subprocess.Popen[str], line: str) -> None:
    if warden.stdin is not None:
        with suppress(BrokenPipeError):
            warden.stdin.write(line)
            warden.stdin.flush()


def _end_group(process: subprocess.Popen[bytes] | Forked) -> None:
    """End what a child left in its group, itself too if it did not end in time."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
