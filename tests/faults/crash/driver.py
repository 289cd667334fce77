"""Kills and judges, and writes a line of JSON for each kill.

`python -m tests.faults.crash.driver --world embedded --most 100 --to FILE --log FILE [OPERATION …]`
spreads kills over the operations; `--kill 'command:failpoint:append.begun:2'` names them.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tests.faults.crash.controls import CONTROLS
from tests.faults.crash.dying import Kill, can_trace
from tests.faults.crash.operations import OPERATIONS
from tests.faults.crash.trial import Trials
from tests.faults.crash.world import Embedded, Servers
from tests.support.ports import free_port
from tests.support.services import a_virtual_host, named_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.faults.crash.trial import Trial
    from tests.faults.crash.world import World

_NO_TRACE = 69


def chosen(kills: Sequence[Kill], most: int) -> list[Kill]:
    """Return about so many, spread evenly; a third of them failpoints where there are as many."""
    named = [kill for kill in kills if kill.kind == "failpoint"]
    calls = [kill for kill in kills if kill.kind == "syscall"]
    picked = _spread(named, max(most // 3, most - len(calls)))
    return picked + _spread(calls, most - len(picked))


def _spread(kills: Sequence[Kill], most: int) -> list[Kill]:
    if len(kills) <= most:
        return list(kills)
    return [kills[number * len(kills) // most] for number in range(most)]


def main() -> int:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="tests.faults.crash.driver")
    parser.add_argument("operations", nargs="*", default=[], metavar="OPERATION")
    parser.add_argument("--world", choices=["embedded", "servers"], required=True)
    parser.add_argument("--most", type=int, default=0, help="kills an operation")
    parser.add_argument("--kill", action="append", default=[], help="OPERATION:KIND:NAME:N")
    parser.add_argument("--power", action="store_true", help="cut the power instead of killing")
    parser.add_argument("--control", choices=sorted(CONTROLS), help="take a safeguard away")
    parser.add_argument("--part", type=_part, default=(0, 1), help="as 0/4: the first quarter")
    parser.add_argument("--to", type=Path, required=True, help="the file of results")
    parser.add_argument("--log", type=Path, required=True, help="what the processes say")
    asked = parser.parse_args()
    if not can_trace():
        sys.stderr.write("strace is missing or may not trace here.\n")
        return _NO_TRACE
    if asked.control is not None:
        CONTROLS[asked.control]()
    progress = _quiet(asked.log)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was made is taken away
    with asked.to.open("a") as results, a_world(asked.world) as (world, folder):
        for name in asked.operations or _named(asked.kill) or OPERATIONS:
            trials = Trials(world, OPERATIONS[name](), folder, port=free_port())
            for trial in _trials(trials, name, asked):
                results.write(json.dumps(trial.as_json()) + "\n")
                results.flush()
                if trial.wrong:
                    progress.write(f"{name} {trial.name}:{trial.number}: {trial.wrong[:5]}\n")
                progress.flush()
    return 0


def _trials(trials: Trials, operation: str, asked: argparse.Namespace) -> Iterator[Trial]:
    part, parts = asked.part
    if asked.power:
        yield from trials.power_cuts(asked.most)
        return
    kills = [_kill(text) for text in asked.kill if _operation_of(text) == operation]
    kills = kills or chosen(trials.kills(), asked.most)
    yield from map(trials.trial, kills[part::parts])


def _named(kills: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(map(_operation_of, kills)))


def _operation_of(text: str) -> str:
    return text.partition(":")[0]


def _kill(text: str) -> Kill:
    _, kind, name, number = text.split(":")
    return Kill(kind="syscall" if kind == "syscall" else "failpoint", name=name, number=int(number))


@contextmanager
def a_world(name: str) -> Iterator[tuple[World, Path]]:
    """Give a world and a folder for the journals, both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="relaybook-crash-") as text, ExitStack() as stack:
        folder = Path(text)
        if name == "embedded":
            yield Embedded(folder), folder
            return
        server = named_postgres()
        servers = Servers(folder, server, stack.enter_context(a_virtual_host()))
        stack.callback(servers.close)
        yield servers, folder


def _part(text: str) -> tuple[int, int]:
    part, parts = text.split("/")
    return int(part), int(parts)


def _quiet(log: Path) -> TextIO:
    """Send what this process and its children say to a file; return the old standard error."""
    progress = os.fdopen(os.dup(2), "w")
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    return progress


if __name__ == "__main__":
    sys.exit(main())
