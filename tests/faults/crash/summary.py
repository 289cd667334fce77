"""The figures of many kills, for the report.

`python -m tests.faults.crash.summary FILE…` takes them from the driver's lines, and with
`--control NAME` those of a safeguard that was taken away.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

RESULTS: Final = Path(__file__).resolve().parents[1] / "results"
KINDS: Final = ("failpoint", "syscall", "power")
FINDINGS: Final = ("lost", "torn", "doubled", "unended", "unpublished", "unsealed", "failed")


def summary(trials: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how often was killed, where, and what was found."""
    done = [one for one in trials if one["ending"] == "killed" or one["wrong"]]
    cells: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for one in done:
        cells[one["world"], one["operation"]].append(one)
    return {
        "kills": len(done),
        "not_reached": len(trials) - len(done),
        "different": len({_place(one) for one in done}),
        "cells": [
            {"world": world, "operation": operation, **_cell(found)}
            for (world, operation), found in cells.items()
        ],
    }


def _place(one: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(one[name] for name in ("world", "operation", "kind", "name", "number"))


def _cell(trials: Sequence[dict[str, Any]]) -> dict[str, Any]:
    kinds = Counter(one["kind"] for one in trials)
    wrong = Counter(kind for one in trials for kind in _findings(one["wrong"]))
    return {
        **{kind: kinds[kind] for kind in KINDS},
        **{finding: wrong[finding] for finding in FINDINGS},
        "redelivered": sum(one["again"] for one in trials),
        "median_s": round(median(one["seconds"] for one in trials), 2),
    }


def _findings(wrong: Iterable[str]) -> set[str]:
    """Return which kinds of fault one trial showed."""
    return {found.partition(":")[0] for found in wrong}


def keep(trials: Sequence[dict[str, Any]]) -> None:
    """Keep the figures of the matrix for the report."""
    _write("crash", summary(trials))


def keep_control(name: str, trials: Sequence[dict[str, Any]]) -> None:
    """Keep how often the check failed without a safeguard."""
    findings = Counter(kind for one in trials for kind in _findings(one["wrong"]))
    path = RESULTS / "controls.json"
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    failed = sum(bool(one["wrong"]) for one in trials)
    known[name] = {
        "kills": len(trials),
        "failed": failed,
        "findings": dict(sorted(findings.items())),
    }
    _write("controls", dict(sorted(known.items())))


def _write(name: str, figures: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


def main() -> int:
    """Keep the figures of the named files."""
    parser = argparse.ArgumentParser(prog="tests.faults.crash.summary")
    parser.add_argument("--control", choices=["normal", "no-confirms", "no-inbox"])
    parser.add_argument("files", nargs="+", type=Path)
    asked = parser.parse_args()
    lines = [line for path in asked.files for line in path.read_text("utf-8").splitlines()]
    trials = [json.loads(line) for line in lines]
    if asked.control is None:
        keep(trials)
    else:
        keep_control(asked.control, trials)
    return 0


if __name__ == "__main__":
    sys.exit(main())
