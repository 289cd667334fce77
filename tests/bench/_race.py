"""Writers in processes of their own that append as fast as they can, all from one moment on.

A program of a peer calls `race`; the benchmark starts it with `run_race` and reads what it prints.
"""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from tests.bench._frame import Measured, PeerMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

#: So many versions a stream gets, one by one.
EACH: Final = 20
_BATCH: Final = 100
_WARM: Final = EACH
_LIMIT_S: Final = 120

#: How many streams and versions come at once, by the kind of work.
Work = str
ONE, ONE_STREAM, MANY_STREAMS = "one", "one_stream", "many_streams"


class Writer(Protocol):
    """A peer's way to append, with a connection of its own."""

    def append(self, events: Sequence[tuple[str, int]]) -> None:
        """Append an event for each stream and version, all in one durable transaction."""
        ...

    def read(self, stream: str) -> list[Any]:
        """Return the data of a stream's events as JSON values, in order."""
        ...

    def is_refused(self, stream: str, version: int) -> bool:
        """Try to append a version that is there already; tell whether the peer refused."""
        ...


@dataclass(frozen=True, kw_only=True)
class Race:
    """What is raced: so many writers, so many seconds, this kind of work."""

    writers: int
    seconds: float
    work: Work


def run_race(
    python: Path, module: str, url: str, race: Race, *, of_server: Callable[[], float]
) -> Measured:
    """Run a peer's program; raises PeerMissing, and RuntimeError where it fails."""
    if not python.exists():
        raise PeerMissing("the peers' packages are not installed")
    asked = (url, str(race.writers), str(race.seconds), race.work)
    before = of_server()
    done = subprocess.run(
        [str(python), "-m", module, *asked],
        capture_output=True, text=True, check=False, timeout=_LIMIT_S,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told = json.loads(done.stdout)
    spent = {"writers": told["cpu_s"], "server": of_server() - before}
    return Measured(count=told["count"], seconds=told["seconds"], cpu_s=spent)


@dataclass(frozen=True, kw_only=True)
class _Shared:
    """What the writers of a race share; each makes its own connection, one after the other."""

    make: Callable[[str], Writer]
    url: str
    race: Race
    data: Any
    turn: Any
    start: Any


def race(make: Callable[[str], Writer], data: Any) -> None:
    """Run a race as the command line asks and print what came of it.

    Afterwards each writer's last stream must hold what was written and refuse a stale version.
    """
    url, writers, seconds, work = sys.argv[1:]
    asked = Race(writers=int(writers), seconds=float(seconds), work=work)
    forking = multiprocessing.get_context("fork")
    shared = _Shared(
        make=make, url=url, race=asked, data=data, turn=forking.Lock(),
        start=forking.Barrier(asked.writers),
    )  # fmt: skip
    run = f"{time.time_ns():x}"
    ends = []
    for number in range(asked.writers):
        mine, theirs = forking.Pipe(duplex=False)
        name = f"smtp_setting-{run}w{number}n"
        forking.Process(target=_write, args=(shared, name, theirs), daemon=True).start()
        theirs.close()
        ends.append(mine)
    told = [end.recv() for end in ends]  # EOFError where a writer failed; it has said why
    print(json.dumps({  # noqa: T201 -- its result
        "count": sum(one["count"] for one in told),
        "seconds": max(one["ended"] for one in told) - min(one["began"] for one in told),
        "cpu_s": sum(one["cpu_s"] for one in told),
    }))  # fmt: skip


def _write(shared: _Shared, name: str, end: Connection) -> None:
    with shared.turn:  # the first one may have tables to make
        writer = shared.make(shared.url)
    for number in range(_WARM):
        writer.append(_events(f"{name}warm", ONE, number))
    shared.start.wait(_LIMIT_S)
    began, cpu, number = time.monotonic(), time.process_time(), 0
    while time.monotonic() - began < shared.race.seconds:
        writer.append(_events(name, shared.race.work, number))
        number += 1
    ended, cpu = time.monotonic(), time.process_time() - cpu
    last = _events(name, shared.race.work, number - 1)
    _check(writer, *last[-1], shared.data)
    end.send({"count": number * len(last), "began": began, "ended": ended, "cpu_s": cpu})


def _events(name: str, work: Work, number: int) -> list[tuple[str, int]]:
    """Return the streams and versions of one append."""
    if work == ONE:
        return [(f"{name}{number // EACH}", number % EACH + 1)]
    if work == ONE_STREAM:
        return [(f"{name}{number}", version) for version in range(1, _BATCH + 1)]
    return [(f"{name}{number * _BATCH + each}", 1) for each in range(_BATCH)]


def _check(writer: Writer, stream: str, version: int, data: Any) -> None:
    if writer.read(stream) != [data] * version:
        raise RuntimeError(f"{stream} does not hold {version} events as they were written")
    if not writer.is_refused(stream, version):
        raise RuntimeError(f"{stream} took version {version} twice")
