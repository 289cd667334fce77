"""Keeps the figures of each outage, and writes the report anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.faults import report

if TYPE_CHECKING:
    from tests.faults.outages.outage import Outage

_FILE: Final = Path(__file__).resolve().parents[1] / "results" / "outages.json"


def keep(name: str, outage: Outage, wrong: list[str]) -> None:
    """Keep what one outage led to."""
    known = json.loads(_FILE.read_text("utf-8")) if _FILE.exists() else {}
    ledger = outage.ledger
    known[name] = {
        "times": len(outage.spans),
        "away_s": round(sum(ended - began for began, ended in outage.spans), 1),
        "readiness": sorted(outage.said_while_away()),
        "changes": len(ledger.changed_at),
        "tests": len(ledger.tests),
        "asked_again": ledger.asked_again,
        "replayed": ledger.replayed,
        "wrong": len(wrong),
        "back_s": round(max(outage.back), 1),
    }
    _FILE.parent.mkdir(exist_ok=True)
    _FILE.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
    report.main()
