"""Imports, dry runs and exports of many settings through a real server, beside their peers.

An import validates, seals, records events and fills the read model; beside it and its dry run
marshmallow validates the same file, nothing more, and beside an export the database writes the
rows of the read model (PostgreSQL by COPY). Both kinds of database, by the number of settings.
`sh deploy/dev.sh bench transfer [SETTINGS …]`: 1,000, 10,000 and 100,000 without numbers. More
than 100,000 have one round instead of three, without peers and dry run, on one database, in
several files, since one may have 200 MiB: it shows the memory and that the time grows no faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from events.store.sql.engine import make_engine
from events.store.sql.sqlite.engine import check_durability
from tests.bench import _frame
from tests.bench._cluster import own_cluster
from tests.bench._frame import Median, PeerMissing
from tests.bench._growth import growth, write_chart
from tests.bench._transfer_turns import (
    DRY_RUN,
    EXPORT,
    IMPORT,
    MARSHMALLOW,
    ROWS,
    Store,
    Turns,
    on_postgresql,
    on_sqlite,
)
from tests.support.transfer import write_file

_SIZES: Final = (1_000, 10_000, 100_000)
_MOST_COMPARED: Final = 100_000
_MOST_IN_FILE: Final = 200_000
#: What is compared with whom, and how many times as long it may take.
_AIMS: Final = ((IMPORT, MARSHMALLOW, 2.5), (DRY_RUN, MARSHMALLOW, 1.5), (EXPORT, ROWS, 5.0))
_MEMORY: Final = ("rest", "peak", "above rest")
_OWN: Final = (DRY_RUN, IMPORT, EXPORT)


def main(words: Sequence[str]) -> None:
    """Measure each database at each size, print and write the result."""
    sizes = sorted(map(int, words)) or list(_SIZES)
    before = _frame.machine()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        stores, durability = _stores(stack, folder)
        told = [one for size in sizes for one in _measured_at(size, stores, folder)]
    cpu = growth("µs of processor a setting", _series(told, _spent_us))
    memory = growth("MiB above rest", _series(told, _memory))
    document = {
        "machine": before | {"load_after": _frame.load()},
        "settings": sizes,
        "durability": durability,
        "figures": [one["document"] for one in told],
        "growth": cpu,
        "memory": memory,
    }
    _frame.say(f"written: {_frame.write('transfer', document)}")
    for name, title, grown in (
        ("transfer", "Transfers, by number of settings", cpu),
        ("transfer_memory", "Memory of transfers, by number of settings", memory),
    ):
        _frame.say(f"drawn: {write_chart(name, title, grown)}")


def _stores(stack: ExitStack, folder: Path) -> tuple[list[Store], dict[str, Any]]:
    """Return the databases and the settings they were found with."""
    stores, durability = [on_sqlite()], {"SQLite": _durable_sqlite(folder)}
    try:
        cluster = stack.enter_context(own_cluster())
    except PeerMissing as reason:
        _frame.say(f"PostgreSQL is skipped: {reason}")
        return stores, durability
    return [on_postgresql(cluster), *stores], {"PostgreSQL": cluster.durability(), **durability}


def _durable_sqlite(folder: Path) -> dict[str, str]:
    """Raise WeakDurability where the product's SQLite would not flush what it commits."""
    engine = make_engine(f"sqlite:///{folder / 'durable.db'}")
    with closing(engine.connect()) as connection:
        check_durability(connection)
    engine.dispose()
    return {"journal_mode": "wal", "synchronous": "FULL"}


def _measured_at(size: int, stores: Sequence[Store], folder: Path) -> Iterator[dict[str, Any]]:
    files = list(_written(size, folder))
    mib = sum(file.stat().st_size for file in files) / 2**20
    compared = size <= _MOST_COMPARED
    rounds = _frame.ROUNDS if compared else 1
    for store in stores if compared else stores[:1]:
        _frame.say(f"\n{store.name}, {size:,} settings in {mib:.1f} MiB, rounds: {rounds}")
        turns = Turns(store=store, files=files, count=size, folder=folder, compared=compared)
        with turns as by_peer:
            medians, _ = _frame.alternate(by_peer, rounds=rounds)
        ratios = list(_ratios(medians))
        _say(medians, ratios)
        yield {
            "store": store.name, "n": size, "medians": medians,
            "document": {
                "store": store.name, "n": size, "files": len(files), "rounds": rounds,
                "peers": [one.document() for one in medians.values()], "ratios": ratios,
            },
        }  # fmt: skip


def _written(size: int, folder: Path) -> Iterator[Path]:
    """Write the settings into as few files as may be."""
    for first in range(0, size, _MOST_IN_FILE):
        file = folder / f"settings-{first}.json"
        write_file(file, "json", min(_MOST_IN_FILE, size - first), first=first)
        yield file


def _ratios(medians: Mapping[str, Median]) -> Iterator[dict[str, Any]]:
    """Compare the times, and what all processors spent; marshmallow's is that of validation."""
    for own, peer, aim in _AIMS:
        if peer not in medians:
            return
        yield {
            "of": own, "to": peer, "aim": aim,
            "ratio": round(medians[peer].per_second / medians[own].per_second, 2),
            "cpu_ratio": round(_spent_us(medians[own]) / _spent_us(medians[peer]), 2),
        }  # fmt: skip


def _spent_us(one: Median) -> float:
    return 1000 * sum(ms for part, ms in one.cpu_ms.items() if part != "reading")


def _series(
    told: Sequence[Mapping[str, Any]], figure: Callable[[Median], float]
) -> dict[str, dict[int, float]]:
    series: dict[str, dict[int, float]] = {}
    for one in told:
        for what in filter(one["medians"].__contains__, _OWN):
            of_store = series.setdefault(f"{what}, {one['store']}", {})
            of_store[one["n"]] = figure(one["medians"][what])
    return series


def _memory(one: Median) -> float:
    return max(1.0, one.memory_mib["above rest"])  # less is noise, and has no logarithm


def _say(medians: Mapping[str, Median], ratios: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        [
            name,
            f"{1e6 / one.per_second:,.1f}",
            ", ".join(f"{part} {ms * 1000:,.1f}" for part, ms in one.cpu_ms.items()),
            *(f"{one.memory_mib[part]:,.0f}" if one.memory_mib else "" for part in _MEMORY),
        ]
        for name, one in medians.items()
    ]
    head = ("", "µs a setting", "processor µs", *(f"MiB {part}" for part in _MEMORY))
    _frame.say(f"\n{_frame.table(head, rows)}")
    for one in ratios:
        times = f"{one['ratio']} times the time of {one['to']}, {one['cpu_ratio']} of processor"
        _frame.say(f"{one['of']}: {times} (aim {one['aim']})")
