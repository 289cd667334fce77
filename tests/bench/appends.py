"""Appends: the product's store beside `eventsourcing`, message-db and statements written by hand.

Eight writers, each a process with a connection of its own, append one event of 600 bytes in a
transaction that is flushed to the disk, to a stream at an expected version, with the row of the
read model (the library and message-db: without rows). Then the same where a flush takes 2 ms, in
batches of 100, and on SQLite by one writer; how fast a follower reads the log; and how the store's
appends grow with the log. `sh deploy/dev.sh bench appends [SECONDS [ROUNDS [EVENTS]]]`: each turn
lasts so long, the longest log is so long.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from deploy.migrations import migrate
from events.store.sql.engine import make_engine
from events.store.sql.sqlite.engine import check_durability, driver
from tests.bench import _frame
from tests.bench._appends_data import DATA
from tests.bench._appends_growth import appends_grown
from tests.bench._cluster import Cluster, own_cluster
from tests.bench._frame import Measured, PeerMissing
from tests.bench._growth import write_chart
from tests.bench._log import empty_logs
from tests.bench._measured_apart import measured_apart
from tests.bench._message_db import install_message_db
from tests.bench._race import MANY_STREAMS, ONE, ONE_STREAM, Race, run_race

_WRITERS: Final = 8
_SECONDS: Final = 3.0
_FOLLOWED: Final = 100_000
_EVENTS: Final = 100_000
_PEERS_PYTHON: Final = Path(__file__).parents[2] / ".venv-peers" / "bin" / "python"
_OWN_PYTHON: Final = Path(sys.executable)
_STORE, _LIBRARY, _MESSAGE_DB = "Relaybook", "eventsourcing", "message-db"
_BY_HAND, _IMPORT = "by hand", "Relaybook, 100 streams"
_MODULES: Final = {
    _STORE: "appends_store", _IMPORT: "appends_store", _LIBRARY: "appends_eventsourcing",
    _MESSAGE_DB: "appends_message_db", _BY_HAND: "appends_psycopg",
}  # fmt: skip
#: By part: whom the store is compared with, and how many times as fast it should be.
_AIMS: Final[Mapping[str, tuple[tuple[str, str, float], ...]]] = {
    "postgresql": (
        (_STORE, _LIBRARY, 3.0), (_STORE, _MESSAGE_DB, 1.5), (_STORE, _BY_HAND, 0.45),
    ),
    "postgresql_2_ms": ((_STORE, _LIBRARY, 6.0),),
    "postgresql_batches": ((_STORE, _LIBRARY, 1.5), (_IMPORT, _LIBRARY, 1.5)),
    "sqlite": ((_STORE, _BY_HAND, 0.5),),
}  # fmt: skip
_FOLLOWERS_AIM: Final = 100_000
#: A commit waits so long for others, and does so even where there are none.
_SLOW_FLUSH: Final = {"commit_delay": "2000", "commit_siblings": "0"}


@dataclass(frozen=True, kw_only=True)
class Running:
    """How long each turn lasts, how many there are, and the length of the longest log."""

    seconds: float
    rounds: int
    events: int


def main(words: Sequence[str]) -> None:
    """Measure, print and write the result."""
    running = Running(
        seconds=float(words[0]) if words else _SECONDS,
        rounds=int(words[1]) if len(words) > 1 else _frame.ROUNDS,
        events=int(words[2]) if len(words) > 2 else _EVENTS,
    )
    document: dict[str, Any] = {
        "machine": _frame.machine(),
        "settings": {
            "writers": f"{_WRITERS} processes; SQLite: 1", "event_bytes": len(DATA),
            "seconds": running.seconds, "rounds": running.rounds,
            "aims": {"followers_per_second": _FOLLOWERS_AIM},
        },
    }  # fmt: skip
    for part in (_on_postgres, _on_sqlite, _followers, _grown):
        document |= part(running)
        document["machine"]["load_after"] = _frame.load()
        _frame.say(f"written: {_frame.write('appends', document)}")  # so far


def _on_postgres(running: Running) -> dict[str, Any]:
    try:
        with own_cluster() as cluster, TemporaryDirectory() as folder:
            return dict(_postgres_parts(cluster, Path(folder), running))
    except PeerMissing as reason:
        _frame.say(f"PostgreSQL is skipped: {reason}")
        return {"postgresql": {"missing": str(reason)}}


def _postgres_parts(
    cluster: Cluster, folder: Path, running: Running
) -> Iterator[tuple[str, dict[str, Any]]]:
    urls, missing = _databases(cluster, folder)
    alone = (_STORE, _LIBRARY, _MESSAGE_DB, _BY_HAND)
    batches = {_STORE: ONE_STREAM, _IMPORT: MANY_STREAMS, _LIBRARY: ONE_STREAM}
    parts: tuple[tuple[str, Mapping[str, str], Mapping[str, str]], ...] = (
        ("postgresql", dict.fromkeys(alone, ONE), {}),
        ("postgresql_batches", batches, {}),
        ("postgresql_2_ms", dict.fromkeys(alone, ONE), _SLOW_FLUSH),
    )
    for part, works, changed in parts:
        cluster.change(**changed)
        turns = {
            name: partial(_turn, name, urls[name], work, cluster, running.seconds)
            for name, work in works.items()
            if name in urls
        }
        durability = cluster.durability()
        yield part, {"durability": durability, **_told(part, turns, running.rounds, missing)}


def _databases(cluster: Cluster, folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return a database for each peer, one for both ways of the store, and who is missing."""
    urls, missing = {name: cluster.server.create() for name in _MODULES if name != _IMPORT}, {}
    for name in (_STORE, _BY_HAND):
        migrate(urls[name])
    urls[_IMPORT] = urls[_STORE]
    try:
        install_message_db(urls[_MESSAGE_DB], folder)
    except PeerMissing as reason:
        del urls[_MESSAGE_DB]
        missing[_MESSAGE_DB] = str(reason)
        _frame.say(f"{_MESSAGE_DB} is skipped: {reason}")
    return urls, missing


def _turn(name: str, url: str, work: str, cluster: Cluster, seconds: float) -> Measured:
    python = _PEERS_PYTHON if name == _LIBRARY else _OWN_PYTHON
    return run_race(
        python, f"tests.bench.peers.{_MODULES[name]}", url,
        Race(writers=_WRITERS, seconds=seconds, work=work), of_server=cluster.cpu_seconds,
    )  # fmt: skip


def _on_sqlite(running: Running) -> dict[str, Any]:
    race = Race(writers=1, seconds=running.seconds, work=ONE)
    with TemporaryDirectory() as folder:
        turns = {
            name: partial(
                run_race, _OWN_PYTHON, f"tests.bench.peers.{module}",
                _durable_sqlite(Path(folder) / f"{module}.db"), race, of_server=lambda: 0.0,
            )
            for name, module in ((_STORE, "appends_store"), (_BY_HAND, "appends_sqlite"))
        }  # fmt: skip
        told = _told("sqlite", turns, running.rounds, {})
    version = driver().sqlite_version
    durability = {"journal_mode": "wal", "synchronous": "FULL", "version": version}
    return {"sqlite": {"durability": durability, **told}}


def _durable_sqlite(path: Path) -> str:
    """Return the address of a new database; raises WeakDurability where it would not flush."""
    url = f"sqlite:///{path}"
    migrate(url)
    engine = make_engine(url)
    with closing(engine.connect()) as connection:
        check_durability(connection)
    engine.dispose()
    return url


def _told(
    part: str, turns: Mapping[str, Callable[[], Measured]], rounds: int, missing: dict[str, str]
) -> dict[str, Any]:
    """Let the peers take turns; print and return what came of it."""
    medians, absent = _frame.alternate(turns, rounds=rounds)
    rows, ratios = [], []
    for name, one in medians.items():
        spent = [f"{one.cpu_ms[who] * 1000:.0f}" for who in ("writers", "server")]
        rows.append([name, f"{one.per_second:,.0f}", *spent])
    _frame.say(f"\n{part}\n{_frame.table(('', 'events/s', 'writer µs', 'server µs'), rows)}")
    for own, peer, aim in _AIMS[part]:
        if own in medians and peer in medians:
            ratio = medians[own].per_second / medians[peer].per_second
            ratios.append({"of": own, "to": peer, "ratio": round(ratio, 2), "aim": aim})
            _frame.say(f"{own} is {ratio:.2f} times {peer} (aim {aim})")
    peers = [one.document() for one in medians.values()]
    return {"peers": peers, "missing": {**missing, **absent}, "ratios": ratios}


def _followers(running: Running) -> dict[str, Any]:
    """Measure how fast one follower reads the log through its subscription."""
    with empty_logs() as logs:
        for log in logs:
            log.grow(_FOLLOWED)
        turns = {log.name: partial(_follow, log.url) for log in logs}
        medians, _ = _frame.alternate(turns, rounds=running.rounds)
    for name, one in medians.items():
        _frame.say(f"{name}: {one.per_second:,.0f} events/s read (aim {_FOLLOWERS_AIM:,})")
    return {"followers": [one.document() for one in medians.values()]}


def _follow(url: str) -> Measured:
    one = measured_apart("follow", url, _FOLLOWED)
    return Measured(count=_FOLLOWED, seconds=one["seconds"], cpu_s={"follower": one["cpu_s"]})


def _grown(running: Running) -> dict[str, Any]:
    """Measure the store with more and more events in the log."""
    grown = appends_grown(running.events, running.rounds)
    chart = write_chart("appends", "Appends of one event, by length of the log", grown)
    _frame.say(f"drawn: {chart}")
    return {"growth": grown}
