"""Appends to PostgreSQL while other hosts keep answers, each of which must hear before the answer.

How long one append takes, beside how many such hosts; and the first one after one of them died
without a word, which waits for the end of its lease. `sh deploy/dev.sh bench hosts [APPENDS]`.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

from events.store.sql.engine import check_durability
from events.store.sql.opening import open_store
from tests.bench import _frame
from tests.bench._place import a_place
from tests.support.events import NOON, a_cause, an_append

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from events.store.sql.opening import OpenedStore

_APPENDS: Final = 500
_HOSTS: Final = (0, 1, 2, 4)
_STOP_S: Final = 30.0


def main(words: Sequence[str]) -> None:
    """Measure, print and write the result; a number says how many appends."""
    appends = int(words[0]) if words else _APPENDS
    before = _frame.machine()
    with a_place() as place, closing(open_store(place.url)) as writer:
        check_durability(writer.engine)
        waits = {hosts: _beside(place.url, writer, hosts, appends) for hosts in _HOSTS}
        died_s = _after_a_death(place.url, writer)
    rows = [(str(hosts), f"{one['median']:.2f}", f"{one['p99']:.2f}")
            for hosts, one in waits.items()]  # fmt: skip
    _frame.say(f"\n{_frame.table(('hosts beside', 'ms an append', 'p99'), rows)}")
    _frame.say(f"the first append after one died: {died_s:.2f} s\n")
    document: dict[str, Any] = {
        "machine": before | {"load_after": _frame.load()},
        "appends": appends,
        "durability": "PostgreSQL, fsync=on, synchronous_commit=on",
        "ms_by_hosts": waits,
        "first_after_a_death_s": round(died_s, 2),
    }
    _frame.say(f"written: {_frame.write('hosts', document)}")


def _beside(url: str, writer: OpenedStore, hosts: int, appends: int) -> dict[str, float]:
    """Return how long appends take beside so many hosts, in ms."""
    with ExitStack() as running:
        for _ in range(hosts):
            running.enter_context(_host(url))
        took = [_append(writer, f"{hosts}-{number}") * 1000 for number in range(appends)]
    return {"median": round(median(took), 3), "p99": round(quantiles(took, n=100)[98], 3)}


def _after_a_death(url: str, writer: OpenedStore) -> float:
    """Return the seconds of the first append after a host was killed."""
    with _host(url) as host:
        host.kill()
        return _append(writer, "after")


def _append(writer: OpenedStore, name: str) -> float:
    began = time.monotonic()
    writer.store.append([an_append(f"smtp_setting-{name}")], cause=a_cause(), at=NOON)
    return time.monotonic() - began


@contextmanager
def _host(url: str) -> Iterator[subprocess.Popen[str]]:
    """Run a reader on a host of its own, and end it afterwards."""
    command = [sys.executable, "-m", "tests.bench._host", url]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        if process.stdout.readline() != "reads\n":
            raise RuntimeError("a host did not begin to read")
        yield process
        process.communicate(timeout=_STOP_S)
