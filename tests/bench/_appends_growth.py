"""How the store's appends of one event grow with the log, and with the settings in the read model.

A log has twenty events and a row for each setting. A turn appends to a copy of its own, so that the
log is as long in the next one: eight writers would double the shortest log within a second.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import make_url

from tests.bench._cluster import Cluster, own_cluster
from tests.bench._frame import Measured, PeerMissing, alternate, say
from tests.bench._growth import growth, sizes
from tests.bench._log import Log, empty_log
from tests.bench._race import ONE, Race, run_race

_SECONDS: Final = 0.7
_MANY: Final = 8


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """A log that grows, what gives a copy of it for one turn, and how many append to it."""

    log: Log
    grow: Callable[[int], None]
    copy: Callable[[], AbstractContextManager[str]]
    writers: tuple[int, ...]
    of_server: Callable[[], float]

    def turns(self) -> dict[str, Callable[[], Measured]]:
        """Return what measures it, by name."""
        return {
            f"{self.log.name}, {writers} at once": partial(self._turn, writers)
            for writers in self.writers
        }

    def _turn(self, writers: int) -> Measured:
        with self.copy() as url:
            return run_race(
                Path(sys.executable), "tests.bench.peers.appends_store", url,
                Race(writers=writers, seconds=_SECONDS, work=ONE), of_server=self.of_server,
            )  # fmt: skip


def appends_grown(most: int, rounds: int) -> dict[str, Any]:
    """Return the time of an append by length of the log, a thousand events to `most`.

    Beside it stands what processors spent on it, which other programs on the machine hardly change.
    """
    figures: dict[str, dict[int, float]] = {}
    with ExitStack() as stack:
        kinds = list(_kinds(stack))
        for size in sizes(most):
            for kind in kinds:
                kind.grow(size)
                medians, _ = alternate(kind.turns(), rounds=rounds)
                for name, one in medians.items():
                    figures.setdefault(name, {})[size] = 1000 / one.per_second
                    spent = figures.setdefault(f"{name}, processor", {})
                    spent[size] = sum(one.cpu_ms.values())
    return growth("ms an append", figures)


def _kinds(stack: ExitStack) -> Iterator[_Kind]:
    folder = Path(stack.enter_context(TemporaryDirectory()))
    file = folder / "log.db"
    log = stack.enter_context(empty_log("SQLite", f"sqlite:///{file}"))
    yield _Kind(
        log=log, grow=log.grow, copy=partial(_copied_file, log, file), writers=(1,),
        of_server=lambda: 0.0,
    )  # fmt: skip
    try:
        cluster = stack.enter_context(own_cluster())
    except PeerMissing as reason:
        say(f"PostgreSQL is skipped: {reason}")
        return
    cluster.durability()
    log = stack.enter_context(empty_log("PostgreSQL", cluster.server.create()))
    yield _Kind(
        log=log, grow=log.grow_with_rows, copy=partial(_copied_database, log, cluster),
        writers=(1, _MANY), of_server=cluster.cpu_seconds,
    )  # fmt: skip


@contextmanager
def _copied_file(log: Log, file: Path) -> Iterator[str]:
    log.opened.engine.dispose()  # the last connection puts all into the one file
    with TemporaryDirectory(dir=file.parent) as folder:
        copy = Path(folder) / file.name
        shutil.copyfile(file, copy)
        with copy.open("rb") as copied:
            os.fsync(copied.fileno())  # or the first appends wait until all of it is on the disk
        yield f"sqlite:///{copy}"


@contextmanager
def _copied_database(log: Log, cluster: Cluster) -> Iterator[str]:
    log.opened.engine.dispose()  # nobody may be connected to what is copied
    url = cluster.server.create(template=str(make_url(log.url).database))
    try:
        cluster.settle()
        yield url
    finally:
        cluster.server.drop(url)
