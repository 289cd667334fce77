"""Commands over HTTP: changes of settings with a secret each, beside what the store alone appends.

Eight clients, each with settings of its own, send PATCH with If-Match and a new password, which is
sealed; PostgreSQL flushes each commit. In the same run eight writers append by the store alone. At
the end eight clients change one setting 2,000 times, reading it again wherever they came too late;
and the service is measured with more and more settings beside those that are changed.
`sh deploy/dev.sh bench commands [SECONDS [ROUNDS [HOT CHANGES [SETTINGS]]]]`.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx

from deploy.migrations import migrate
from events.store.sql.opening import open_store
from tests.bench import _frame
from tests.bench._changing import CLIENTS, PATH, Service, a_service, changed
from tests.bench._cluster import Cluster, own_cluster
from tests.bench._frame import PeerMissing
from tests.bench._growth import growth, sizes, write_chart
from tests.bench._log import empty_log
from tests.bench._place import Place, a_place
from tests.bench._race import ONE, Race, run_race

_SECONDS: Final = 4
_HOT_CHANGES: Final = 2_000
_SETTINGS: Final = 100_000
_AIM: Final = 0.35
_OWN, _STORE = "Relaybook, PATCH", "its store alone"


def main(words: Sequence[str]) -> None:
    """Measure, print and write the result."""
    seconds = int(words[0]) if words else _SECONDS
    rounds = int(words[1]) if len(words) > 1 else _frame.ROUNDS
    hot_changes = int(words[2]) if len(words) > 2 else _HOT_CHANGES
    most = int(words[3]) if len(words) > 3 else _SETTINGS
    before = _frame.machine()
    try:
        with own_cluster() as cluster, a_place(cluster.server) as place:
            durability = cluster.durability()
            with a_service(cluster, place) as service:
                medians = _compared(service, cluster, seconds, rounds)
                hot = _hot_setting(service, place, hot_changes)
            grown = _grown(cluster, most, seconds, rounds)
    except PeerMissing as reason:
        _frame.say(f"nothing is measured: {reason}")
        return
    ratio = medians[_OWN].per_second / medians[_STORE].per_second
    _frame.say(f"{_OWN} is {ratio:.2f} times {_STORE} (aim {_AIM})")
    document = {
        "machine": before | {"load_after": _frame.load()},
        "settings": {"clients": CLIENTS, "seconds": seconds, "rounds": rounds},
        "durability": durability,
        "peers": [one.document() for one in medians.values()],
        "ratios": [{"of": _OWN, "to": _STORE, "ratio": round(ratio, 2), "aim": _AIM}],
        "hot_setting": hot,
        "growth": grown,
    }
    _frame.say(f"written: {_frame.write('commands', document)}")
    chart = write_chart("commands", "Changes of a setting, by number of settings", grown)
    _frame.say(f"drawn: {chart}")


def _compared(
    service: Service, cluster: Cluster, seconds: int, rounds: int
) -> dict[str, _frame.Median]:
    """Let the service and the store alone take turns, each with a database of its own."""
    url = cluster.server.create()
    migrate(url)
    race = Race(writers=CLIENTS, seconds=seconds, work=ONE)
    by_store = partial(
        run_race, Path(sys.executable), "tests.bench.peers.appends_store", url, race,
        of_server=cluster.cpu_seconds,
    )  # fmt: skip
    turns = {_OWN: partial(changed, service, seconds), _STORE: by_store}
    medians, _ = _frame.alternate(turns, rounds=rounds)
    rows = [
        [
            name,
            f"{one.per_second:,.0f}",
            ", ".join(f"{part} {ms * 1000:.0f}" for part, ms in one.cpu_ms.items()),
        ]
        for name, one in medians.items()
    ]
    _frame.say(f"\n{_frame.table(('', 'changes/s', 'processor µs'), rows)}")
    return medians


def _grown(cluster: Cluster, most: int, seconds: int, rounds: int) -> dict[str, Any]:
    """Return what a change takes, with more and more other settings in log and read model."""
    figures: dict[str, dict[int, float]] = {}
    versions: dict[str, int] | None = None
    with a_place(cluster.server) as place, empty_log("its log", place.url, each=1) as log:
        for size in sizes(most):
            log.grow_with_rows(size)
            with a_service(cluster, place, versions) as service:
                turns = [changed(service, seconds) for _ in range(rounds)]
                versions = service.versions
            one = _frame.Median.of(_OWN, turns)
            told = {
                "time": 1000 / one.per_second,
                "processor, service": one.cpu_ms["server"],
                "processor, database": one.cpu_ms["database"],
            }
            for name, value in told.items():
                figures.setdefault(name, {})[size] = value
            _frame.say(f"{size:,} settings beside, ms a change: {told}")
    return growth("ms a change", figures)


def _hot_setting(service: Service, place: Place, changes: int) -> dict[str, Any]:
    """Let all clients change one setting; return how long that took and how often one came late.

    Raises RuntimeError unless every change is in the setting's history, once.
    """
    service.register("hot")
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        each = range(changes // CLIENTS)
        late = sum(pool.map(lambda number: _insist(service, number, each), range(CLIENTS)))
    took = time.monotonic() - began
    opened = open_store(place.url)
    history = opened.store.read_stream("smtp_setting-hot")
    opened.close()
    written = re.findall(r"change \d+ of client \d+", " ".join(str(one.data) for one in history))
    wanted = len(each) * CLIENTS
    if len(history) != wanted + 1 or len(set(written)) != wanted:
        raise RuntimeError(f"of {wanted} changes {len(set(written))} are in the history")
    told = {"changes": wanted, "kept": len(history) - 1, "came_late": late,
            "per_second": round(wanted / took, 1)}  # fmt: skip
    _frame.say(f"one setting, {CLIENTS} clients: {told}")
    return told


def _insist(service: Service, number: int, changes: Sequence[int]) -> int:
    """Make changes one after the other, each until it was taken; return how many were refused."""
    late = 0
    with service.client as client:
        for change in changes:
            body = {"x_mailer": f"change {change} of client {number}"}
            while True:
                tag = client.get(f"{PATH}/hot").headers["ETag"]
                answer = client.patch(f"{PATH}/hot", json=body, headers={"If-Match": tag})
                if answer.status_code != httpx.codes.PRECONDITION_FAILED:
                    break
                late += 1
            answer.raise_for_status()
    return late
