"""Program: probes each of the claims on standard input in a process of its own.

Reads a JSON list of `{"name", "claim"}`, the first of which only warms up, and prints one JSON line
for each other claim: `{"name", "result", "seconds", "mib"}`, where `mib` is what the attempt took
above the memory of a tester at work.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from services.conn_tester.assignment import read_assignment
from services.conn_tester.attempt import run_attempt
from tests.faults.hostile.judging import plain
from tests.support.memory import forget_peak, peak_mib, taken_mib
from tests.support.smtp.probing import make_tools

if TYPE_CHECKING:
    from events.connection_test import TestResult
    from services.conn_tester.tools import Tools

_AT_ONCE: Final = 6
_tools: list[Tools] = []
_first: list[dict[str, Any]] = []


def main() -> None:
    """Probe all of them, six at once; each child begins with what the parent has loaded."""
    first, *work = json.load(sys.stdin)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        _tools.append(make_tools(folder))
        _attempt(first)
        _first.append(first)
        fork = multiprocessing.get_context("fork")
        pool = stack.enter_context(fork.Pool(_AT_ONCE, maxtasksperchild=1))
        for told in pool.imap_unordered(_probed, work):
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()


def _probed(one: dict[str, Any]) -> dict[str, Any]:
    own = os.getpid()
    _attempt(_first[0])  # pages of libraries do not come with a fork: they belong to the rest
    forget_peak(own)
    before = taken_mib(own)
    begun = time.monotonic()
    result = _attempt(one)
    return {
        "name": one["name"],
        "result": plain(result),
        "seconds": time.monotonic() - begun,
        "mib": peak_mib(own) - before,
    }


def _attempt(one: dict[str, Any]) -> TestResult:
    assignment = read_assignment(one["claim"])
    return asyncio.run(run_attempt(assignment, _tools[0], on_step=lambda _steps: None))


if __name__ == "__main__":
    main()
