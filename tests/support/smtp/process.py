"""Starts a program for a test and ends it by its process id."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tests.support.services import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_START_S = 20.0
_END_S = 10.0


def program(name: str, package: str) -> str:
    """Return the path of a program, which is missing where its package is."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/lib/postfix/sbin")
    if found is None:
        missing(f"{name} is not installed (package {package})")
    return found


@contextmanager
def running_program(command: Sequence[str], *, ports: Sequence[int], log: Path) -> Iterator[int]:
    """Run a program in the foreground until the block ends; yields its process id.

    It is ready when it listens at all `ports` of loopback.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
    try:
        for port in ports:
            _await_port(process, port, log)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_END_S)
        if process.poll() is None:
            process.kill()
            process.wait(timeout=_END_S)


def _await_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    said = "\n".join(one.read_text(errors="replace") for one in log.parent.glob("*.log"))
    raise RuntimeError(f"not listening at {port}:\n{said[-4000:]}")
