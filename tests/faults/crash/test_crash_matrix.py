"""Kills at chosen moments, the power cut too; the whole matrix with RELAYBOOK_SWEEP=full.

The kills run in a program of their own (`driver`): it forks, which pytest's own process should not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults import report
from tests.faults.crash.dying import can_trace
from tests.faults.crash.summary import keep, keep_control, summary
from tests.support.services import missing

_ROOT = Path(__file__).resolve().parents[3]
_FULL = os.environ.get("RELAYBOOK_SWEEP") == "full"
_HOURS = 3 * 3600
_KILLS_AN_OPERATION = {"embedded": 130, "servers": 110}
_CUTS_AN_OPERATION = 50

pytestmark = pytest.mark.timeout(600)  # half a minute, but on a machine with other work longer

EMBEDDED = (
    "command:failpoint:append.begun:2",
    "command:failpoint:append.written:3",
    "command:failpoint:append.committed:5",
    "command:syscall:fsync:4",
    "relay:failpoint:relay.published:1",
    "relay:failpoint:cursor.moving:2",
    "tester:failpoint:tester.claimed:1",
    "tester:failpoint:tester.reported:1",
    "key rotation:failpoint:rotation.retired:1",
    "key rotation:failpoint:rotation.recorded:1",
)
SERVERS = (
    "command:failpoint:append.committed:2",
    "command:syscall:sendto:20",
    "command:syscall:recvfrom:30",
    "import:failpoint:append.chunk:1",
    "relay:failpoint:publish.sent:1",
    "relay:failpoint:relay.published:2",
    "result:failpoint:results.recorded:1",
    "result:failpoint:settle.acking:1",
)


def driven(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run the driver and return its trials."""
    if not can_trace():
        missing("strace is missing or may not trace here")
    results, log = folder / "results.jsonl", folder / "driver.log"
    driver = (sys.executable, "-m", "tests.faults.crash.driver")
    done = subprocess.run(
        [*driver, "--to", str(results), "--log", str(log), *arguments],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stderr}\n{log.read_text()[-2000:]}"
    return [json.loads(line) for line in results.read_text().splitlines()]


def kills(chosen: tuple[str, ...]) -> list[str]:
    return [word for kill in chosen for word in ("--kill", kill)]


def broken(trials: list[dict[str, Any]]) -> list[Any]:
    place = ("operation", "name", "number", "wrong")
    return [[one[name] for name in place] for one in trials if one["wrong"]]


def test_nothing_is_lost_where_the_embedded_set_up_is_killed(tmp_path: Path) -> None:
    trials = driven(tmp_path, "--world", "embedded", *kills(EMBEDDED))
    assert broken(trials) == []
    assert [one["ending"] for one in trials] == ["killed"] * len(EMBEDDED)


@pytest.mark.usefixtures("postgres_server", "rabbitmq_vhost")
def test_nothing_is_lost_where_the_servers_set_up_is_killed(tmp_path: Path) -> None:
    trials = driven(tmp_path, "--world", "servers", *kills(SERVERS))
    assert broken(trials) == []
    assert [one["ending"] for one in trials] == ["killed"] * len(SERVERS)


def test_nothing_is_lost_by_a_power_cut(tmp_path: Path) -> None:
    trials = driven(tmp_path, "--world", "embedded", "--power", "--most", "4", "command")
    assert broken(trials) == []
    assert len(trials) == 4


def test_the_check_fails_without_full_synchronisation(tmp_path: Path) -> None:
    control = ("--control", "normal", "--power", "--most", "2")
    trials = driven(tmp_path, "--world", "embedded", *control, "command")
    if _FULL:
        keep_control("normal", trials)
    assert any(found.startswith("lost: ") for one in trials for found in one["wrong"])


@pytest.mark.parametrize(
    ("control", "kill", "finding"),
    [
        ("no-inbox", "relay:failpoint:relay.published:1", "doubled: "),
        ("no-confirms", "relay:failpoint:cursor.moved:1", "unpublished: "),
    ],
)
def test_the_check_fails_without_a_safeguard(
    tmp_path: Path, control: str, kill: str, finding: str
) -> None:
    (trial,) = driven(tmp_path, "--world", "embedded", "--control", control, "--kill", kill)
    if _FULL:
        keep_control(control, [trial])
    assert trial["wrong"]
    assert all(found.startswith(finding) for found in trial["wrong"])


@pytest.mark.skipif(not _FULL, reason="hours: RELAYBOOK_SWEEP=full")
@pytest.mark.timeout(_HOURS)
@pytest.mark.usefixtures("postgres_server", "rabbitmq_vhost")
def test_nothing_is_lost_wherever_it_is_killed(tmp_path: Path) -> None:
    trials = []
    for world, most in _KILLS_AN_OPERATION.items():
        (tmp_path / world).mkdir()
        trials += driven(tmp_path / world, "--world", world, "--most", str(most))
    (tmp_path / "power").mkdir()
    cuts = ("--power", "--most", str(_CUTS_AN_OPERATION))
    trials += driven(tmp_path / "power", "--world", "embedded", *cuts)
    keep(trials)
    report.main()
    assert broken(trials) == []
    assert summary(trials)["kills"] >= 2_000
