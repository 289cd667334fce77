"""Processes of the product as an operator starts them, each ended by the test that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

import httpx

from tests.support.commands import relaybook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_STOP_SECONDS = 15.0

RELAYBOOK = (sys.executable, "-m", "services.config_api.cli")
TESTER = (sys.executable, "-m", "services.conn_tester")


class Processes:
    """Starts programs with one environment; leaving the context ends all that still run."""

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self._environment = {**_clean(os.environ), **environment}
        self._logs = logs
        self._stack = ExitStack()
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._stack.close()

    def start(self, command: Sequence[str], **extra: str) -> subprocess.Popen[bytes]:
        """Start a program in the background; what it says goes to a file of its own."""
        path = self._logs / f"{len(self._running)}.log"
        log = self._stack.enter_context(path.open("ab"))  # a test may write into it, too
        process = subprocess.Popen(
            command, env={**self._environment, **extra}, stdout=log, stderr=log
        )
        self._running.append(process)
        return process

    def run(self, *arguments: str) -> str:
        """Run `relaybook ARGUMENTS` and return what it printed; fails where that failed."""
        done = relaybook(*arguments, environment=self._environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill one process at once, as a crash would."""
        process.send_signal(signal.SIGKILL)
        process.wait()
        self._running.remove(process)


def wait_until(holds: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait until something holds; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.1)


def is_ready(url: str) -> bool:
    """Tell whether a server says that it is ready."""
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("RELAYBOOK_")}
