"""Folds a log, rebuilds the read model, replays it and asks for a setting as of a moment, by size.

The aim is 100,000 events a second, in memory that is bounded by the rows and not by the events, and
an answer about the past that does not care how long the log is. Each figure comes from a process of
its own. `sh deploy/dev.sh bench rebuild [EVENTS]`: a million at most without a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tests.bench._frame import machine, say, table, write
from tests.bench._growth import growth, write_chart
from tests.bench._log import BLOCK, Log, empty_logs
from tests.bench._measured_apart import measured_apart

_EVENTS: Final = 1_000_000
_WORKS: Final = ("fold", "rebuild", "replay")
_AIM: Final = 100_000


def main(words: Sequence[str]) -> None:
    """Measure each database at each size, print and write the result."""
    most = int(words[0]) if words else _EVENTS
    sizes = [size for size in (BLOCK, 10_000, 100_000, _EVENTS) if size <= most]
    before = machine()
    told: list[dict[str, Any]] = []
    with empty_logs() as logs:
        for size in sizes:
            for log in logs:
                told += _measured(log, size)
    say(table(("", "events", "a second", "a processor second", "MiB at most"), _rows(told)))
    past = growth("ms a question", _series(told, ("at",), "ms"))
    document = {
        "machine": before,
        "aim": _AIM,
        "events": sizes[-1],
        "figures": told,
        "growth": growth("events a processor second", _series(told, _WORKS, "per_cpu_second")),
        "at": past,
    }
    say(f"written: {write('rebuild', document)}")
    say(f"drawn: {write_chart('rebuild_at', 'A setting as of a moment', past)}")


def _measured(log: Log, size: int) -> list[dict[str, Any]]:
    log.grow(size)
    found = []
    for work in (*_WORKS, "at"):
        one = measured_apart(work, log.url, size)
        if work in _WORKS:
            one["per_second"] = size / one["seconds"]
            one["per_cpu_second"] = size / one["cpu_s"]
        figures = {name: round(value, 3) for name, value in one.items()}
        found.append({"store": log.name, "work": work, "n": size, **figures})
        say(f"{log.name}, {work}, {size:,}: {figures}")
    return found


def _series(
    told: Sequence[dict[str, Any]], works: Sequence[str], figure: str
) -> dict[str, dict[int, float]]:
    series: dict[str, dict[int, float]] = {}
    for one in told:
        if one["work"] in works:
            series.setdefault(f"{one['store']}, {one['work']}", {})[one["n"]] = one[figure]
    return series


def _rows(told: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            f"{one['store']}, {one['work']}",
            f"{one['n']:,}",
            f"{one['per_second']:,.0f}",
            f"{one['per_cpu_second']:,.0f}",
            f"{one['peak_mib']:,.0f}",
        )
        for one in told
        if one["work"] in _WORKS
    ]
