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
