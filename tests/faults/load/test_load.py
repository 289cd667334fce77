"""A mix of everything on PostgreSQL and RabbitMQ with two of each process.

It is part of the long sweep and takes 20 seconds; RELAYBOOK_LOAD_SECONDS=600 makes it ten minutes.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults import report
from tests.faults.load.mix import Mix, the_mix
from tests.faults.load.sizes import Sizes, sizes_of
from tests.faults.load.slow import slow_clients
from tests.faults.outages.site import Site, a_site
from tests.support.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS: Final = float(os.environ.get("RELAYBOOK_LOAD_SECONDS", "20"))
MOST_MIB_MORE: Final = 32.0
MOST_WAITING: Final = 2_000
ENDED_S: Final = 60.0
_FILE: Final = Path(__file__).resolve().parents[1] / "results" / "load.json"

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(
        os.environ.get("RELAYBOOK_SWEEP") != "full", reason="a minute: RELAYBOOK_SWEEP=full"
    ),
    pytest.mark.timeout(SECONDS + 600),
]


def test_two_of_everything_bear_a_mix_of_everything(
    tmp_path: Path, postgres_url: str, rabbitmq_vhost: str
) -> None:
    busy_before = os.getloadavg()[0]
    with a_site(tmp_path, postgres_url, rabbitmq_vhost) as site:
        with slow_clients(site), sizes_of(site) as sizes, the_mix(site) as mix:
            time.sleep(SECONDS)
        verdicts = ended(site, mix)
        wait_until(lambda: waiting(site) == 0, seconds=ENDED_S, what="nothing waits")
        wrong = mix.wrong + site.ended()
    keep(mix, sizes, wrong, busy_before)
    assert wrong == []
    assert set(verdicts) == {"passed"}
    assert unordered(mix) == []
    assert max(sizes.growth().values()) < MOST_MIB_MORE, sizes.growth()
    assert max(sizes.backlog) < MOST_WAITING


def ended(site: Site, mix: Mix) -> list[str]:
    """Wait until all tests have ended; return their verdicts."""
    with site.client() as client:

        def verdict(test: str) -> str | None:
            found: str | None = client.get(f"/v1/connection-tests/{test}").json()["verdict"]
            return found

        for test in mix.tests:
            wait_until(lambda test=test: verdict(test) is not None, seconds=ENDED_S, what=test)  # type: ignore[misc]  # a closure over the loop's value
        return [str(verdict(test)) for test in mix.tests]


def waiting(site: Site) -> int:
    """Return how many events are not published and how many messages not taken."""
    with site.client() as client:
        status = client.get("/v1/status").raise_for_status().json()
    backlog: int = status["backlog"]
    queued: list[int] = list(status["queues"].values())
    return backlog + sum(queued)


def unordered(mix: Mix) -> list[str]:
    """Compare what followers were sent: in order, none twice, the same for both."""
    wrong = [f"follower {n}" for n, got in enumerate(mix.followed) if got != sorted(set(got))]
    shortest = min(map(len, mix.followed))
    if len({tuple(got[:shortest]) for got in mix.followed}) != 1 or not shortest:
        wrong.append("followers were sent different events")
    return wrong


def keep(mix: Mix, sizes: Sizes, wrong: Sequence[str], busy_before: float) -> None:
    """Keep the figures for the report."""
    figures = {
        "seconds": SECONDS,
        "cores": os.cpu_count(),
        "busy_before": round(busy_before, 1),
        "wrong": len(wrong),
        "kinds": [
            {
                "kind": kind,
                "requests": len(took),
                "p50_ms": round(percentile(took, 50), 1),
                "p99_ms": round(percentile(took, 99), 1),
            }
            for kind, took in sorted(mix.took_ms.items())
        ],
        "followed": [len(got) for got in mix.followed],
        "most_waiting": max(sizes.backlog),
        "memory_mib": {name: round(seen[-1], 1) for name, seen in sizes.memory.items()},
        "growth_mib": sizes.growth(),
    }
    _FILE.parent.mkdir(exist_ok=True)
    _FILE.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    report.main()


def percentile(took: Sequence[float], per_cent: int) -> float:
    return sorted(took)[min(len(took) - 1, len(took) * per_cent // 100)]
