"""What benchmarks share: peers that take turns, medians, a table, and a file with the result.

A benchmark measures its peers in one run, alternating, so that what else the machine does hits all
of them; it compares medians, as ratios.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

RESULTS: Final = Path(__file__).parent / "results"
ROUNDS: Final = 3


class PeerMissing(Exception):
    """A peer cannot run here; its words name what is missing."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One turn of one peer: `count` things in `seconds`; processor seconds by part."""

    count: int
    seconds: float
    cpu_s: Mapping[str, float] = field(default_factory=dict)
    memory_mib: Mapping[str, float] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Throughput."""
        return self.count / self.seconds


@dataclass(frozen=True, kw_only=True)
class Median:
    """The medians of a peer's turns; processor milliseconds are for one thing."""

    peer: str
    turns: int
    per_second: float
    cpu_ms: dict[str, float]
    memory_mib: dict[str, float]

    @classmethod
    def of(cls, peer: str, turns: Sequence[Measured]) -> Median:
        """Take the median of each figure by itself."""
        return cls(
            peer=peer,
            turns=len(turns),
            per_second=median(turn.per_second for turn in turns),
            cpu_ms={
                part: median(turn.cpu_s[part] * 1000 / turn.count for turn in turns)
                for part in turns[0].cpu_s
            },
            memory_mib={
                part: median(turn.memory_mib[part] for turn in turns)
                for part in turns[0].memory_mib
            },
        )

    def document(self) -> dict[str, Any]:
        """Return it as JSON shows it."""
        return {
            "peer": self.peer,
            "turns": self.turns,
            "per_second": round(self.per_second, 1),
            "cpu_ms_each": {part: round(value, 3) for part, value in self.cpu_ms.items()},
            "memory_mib": {part: round(value, 1) for part, value in self.memory_mib.items()},
        }


def alternate(
    peers: Mapping[str, Callable[[], Measured]], *, rounds: int = ROUNDS
) -> tuple[dict[str, Median], dict[str, str]]:
    """Let the peers take turns; return their medians, and why a peer is missing, by name."""
    turns: dict[str, list[Measured]] = {name: [] for name in peers}
    missing: dict[str, str] = {}
    for number in range(1, rounds + 1):
        for name, measure in peers.items():
            if name in missing:
                continue
            try:
                turns[name].append(measure())
            except PeerMissing as reason:
                missing[name] = str(reason)
                say(f"{name} is skipped: {reason}")
                continue
            say(f"round {number}, {name}: {turns[name][-1].per_second:,.1f} a second")
    return {name: Median.of(name, taken) for name, taken in turns.items() if taken}, missing


def load() -> list[float]:
    """Return how many processes want to run, on average of one, five and fifteen minutes."""
    return [round(average, 1) for average in os.getloadavg()]


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_before": load(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def write(name: str, document: Mapping[str, Any]) -> Path:
    """Write a benchmark's result beside the others; return where."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table for people, its first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (head, ["-" * width for width in widths], *rows)
    ]
    return "\n".join(lines)


def say(line: str) -> None:
    """Tell at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
