"""What the schedule of re-tests takes by number of settings, all of which it has tested before."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final

import psycopg

from tests.bench._cluster import Cluster, own_cluster
from tests.bench._frame import PeerMissing, say
from tests.bench._growth import growth, sizes
from tests.bench._log import empty_log
from tests.bench._place import Place, a_place
from tests.bench._retests_apart import PASSED, schedule_apart

_PERIOD: Final = timedelta(hours=1)
_DOCUMENT: Final = json.dumps({"requested_by": "system:schedule", "steps": "x" * 1_000})
#: So much of a period passes; a step that begins a second later may leave one setting's turn out.
_PART: Final = PASSED / _PERIOD
_TESTED: Final = """
INSERT INTO connection_tests (id, version, position, setting_id, verdict, document)
SELECT 'of ' || id, 3, 1, id, 'passed', %s FROM smtp_settings
ON CONFLICT DO NOTHING
"""
_LAST: Final = """
INSERT INTO last_tests (setting_id, position, test_id, verdict, setting_version, finished_at)
SELECT id, 1, 'of ' || id, 'passed', 1, now() FROM smtp_settings ON CONFLICT DO NOTHING
"""


def retests_grown(most: int) -> dict[str, Any]:
    """Return processor time and memory of ten minutes in which a sixth of the settings is due.

    Raises RuntimeError where other settings were asked for.
    """
    time: dict[str, dict[int, float]] = {"the schedule": {}, "the database": {}}
    memory: dict[str, dict[int, float]] = {"the schedule, at most": {}}
    try:
        with (
            own_cluster() as cluster,
            a_place(cluster.server) as place,
            empty_log("its log", place.url, each=1) as log,
        ):
            for size in sizes(most):
                log.grow_with_rows(size)
                one = _passed(cluster, place, size)
                time["the schedule"][size] = one["cpu_s"]
                time["the database"][size] = one["database_s"]
                memory["the schedule, at most"][size] = one["peak_mib"]
    except PeerMissing as reason:
        say(f"the schedule is not measured: {reason}")
        return {}
    return {
        "growth_of_retests": growth("processor seconds for a sixth of the settings", time),
        "growth_of_retests_memory": growth("MiB", memory),
    }


def _passed(cluster: Cluster, place: Place, settings: int) -> dict[str, float]:
    with psycopg.connect(place.beside.url, autocommit=True) as connection:
        connection.execute(_TESTED, (_DOCUMENT,))
        connection.execute(_LAST)
        connection.execute("DELETE FROM test_work")
        connection.execute("DELETE FROM retest_steps")
        connection.execute("VACUUM ANALYZE")
        before = cluster.cpu_seconds()
        every = f"{_PERIOD // timedelta(minutes=1)}m"
        one = schedule_apart({**place.environment, "RELAYBOOK_RETEST_EVERY": every})
        one["database_s"] = cluster.cpu_seconds() - before
        row = connection.execute("SELECT count(*) FROM test_work").fetchone()
    asked, due = row[0] if row else 0, settings * _PART
    if not due - 1 - settings / 3600 <= asked <= due + 1:
        raise RuntimeError(f"of {settings} settings {asked} were asked for, not {due:.0f}")
    say(f"{settings:,} settings, {asked:,} asked for: {one}")
    return one
