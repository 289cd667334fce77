"""Writes REPORT.md from the figures that the runs left in `results/`.

`python -m tests.faults.report`; what was not run yet is said to be missing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_FOLDER: Final = Path(__file__).resolve().parent
_RESULTS: Final = _FOLDER / "results"
_HEAD: Final = """# Report of the faults

Written by the runs (`sh deploy/dev.sh faults`); [README.md](README.md) says what they do.
"""
_NOT_RUN: Final = "Not run yet."
_KINDS: Final = ("failpoint", "syscall", "power")
_FINDINGS: Final = ("lost", "torn", "doubled", "unended", "unpublished", "unsealed", "failed")
_CONTROLS: Final = {
    "normal": "SQLite with `synchronous=NORMAL`, power cut",
    "no-confirms": "no publisher confirms",
    "no-inbox": "a receiver without an inbox",
}


def report() -> str:
    """Return the whole report."""
    parts = (
        _HEAD,
        "## Crash matrix\n\n" + _crash(_read("crash")),
        "## Negative controls\n\n" + _controls(_read("controls")),
        "## Outages\n\n" + _outages(_read("outages")),
        "## Load\n\n" + _load(_read("load")),
    )
    return "\n".join(parts)


def _crash(found: dict[str, Any] | None) -> str:
    if found is None:
        return _NOT_RUN + "\n"
    cells = found["cells"]
    totals = {name: sum(cell[name] for cell in cells) for name in (*_KINDS, *_FINDINGS)}
    faults = ", ".join(f"{name} {totals[name]}" for name in _FINDINGS)
    head = (
        f"{found['kills']} kills at {found['different']} different places; {faults}."
        f" {found['not_reached']} more runs ended before their place was reached.\n\n"
    )
    titles = ("set-up", "operation", *_KINDS, "wrong", "redelivered", "median s")
    rows = (
        (
            cell["world"],
            cell["operation"],
            *(cell[kind] for kind in _KINDS),
            sum(cell[finding] for finding in _FINDINGS),
            cell["redelivered"],
            cell["median_s"],
        )
        for cell in sorted(cells, key=lambda cell: (cell["world"], cell["operation"]))
    )
    return head + _table(titles, rows)


def _controls(found: dict[str, Any] | None) -> str:
    if found is None:
        return _NOT_RUN + "\n"
    titles = ("taken away", "kills", "in which the check failed", "findings")
    rows = (
        (
            text,
            found[name]["kills"],
            found[name]["failed"],
            ", ".join(f"{kind} {number}" for kind, number in found[name]["findings"].items()),
        )
        for name, text in _CONTROLS.items()
        if name in found
    )
    return _table(titles, rows)


def _outages(found: dict[str, Any] | None) -> str:
    if found is None:
        return _NOT_RUN + "\n"
    titles = ("what happened", "times", "away, s", "/readyz meanwhile", "changes", "tests",
              "asked again", "of these replayed", "wrong", "back after at most, s")  # fmt: skip
    names = ("times", "away_s", "readiness", "changes", "tests", "asked_again", "replayed",
             "wrong", "back_s")  # fmt: skip
    rows = ((what, *(_words(figures[name]) for name in names)) for what, figures in found.items())
    return _table(titles, rows)


def _words(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _load(found: dict[str, Any] | None) -> str:
    if found is None:
        return _NOT_RUN + "\n"
    head = (
        f"{found['seconds']:.0f} s on {found['cores']} cores that the clients share (load average"
        f" before: {found['busy_before']}), beside slow clients; wrong: {found['wrong']}. At most"
        f" {found['most_waiting']} events and messages waited at once; two followers were sent"
        f" {' and '.join(map(str, found['followed']))} events, the same in the same order.\n\n"
    )
    kinds = _table(
        ("kind", "requests", "p50, ms", "p99, ms"),
        (tuple(one.values()) for one in found["kinds"]),
    )
    memory = _table(
        ("process", "MiB at the end", "more than in the second quarter"),
        ((name, size, found["growth_mib"][name]) for name, size in found["memory_mib"].items()),
    )
    return f"{head}{kinds}\n{memory}"


def _table(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in _lines(titles, rows))


def _lines(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield titles
    yield ["---"] * len(titles)
    yield from rows


def _read(name: str) -> dict[str, Any] | None:
    path = _RESULTS / f"{name}.json"
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def main() -> int:
    """Write the report."""
    (_FOLDER / "REPORT.md").write_text(report(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
