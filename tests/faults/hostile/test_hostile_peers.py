from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.conn_tester.assignment import read_assignment
from services.conn_tester.attempt import run_attempt
from tests.faults.hostile.judging import faults_of, plain
from tests.faults.hostile.table import GENERATED, HAND_MADE, TABLE
from tests.support.smtp.probing import check_result, claim_answer, make_tools

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from services.conn_tester.tools import Tools
    from tests.faults.hostile.behaviour import Behaviour

SECONDS_OVER: Final = 1.0
MIB_MORE: Final = 10.0
#: It has the tester load all that any test needs: contexts, system trust, certificates' reader.
WARMS_UP: Final = "certificate: names with ANSI, untrusted"
FULL: Final = os.environ.get("RELAYBOOK_SWEEP") == "full"
#: All that was thought out by hand, and of what is generated every fifth: others in each stage.
AT_ONCE: Final = (*HAND_MADE, *GENERATED[:: 1 if FULL else 5])
GREEDY: Final = re.compile("endless|without end|100 KB|30 KB|names|mechanisms|6000|chain")
#: Those whose memory and time are measured one by one.
ALONE: Final = TABLE if FULL else [one for one in HAND_MADE if GREEDY.search(one.name)][::3]

# a subject of 20 KB breaks a limit of X.520, of which cryptography warns
pytestmark = pytest.mark.filterwarnings("ignore:Attribute's length:UserWarning")


@pytest.fixture(scope="module")
def peers() -> Iterator[dict[str, Any]]:
    """All hostile servers, in a process of their own: where they listen and whom they trust."""
    command = (sys.executable, "-W", "ignore", "-m", "tests.faults.hostile.peers")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    folder: Path = tmp_path_factory.mktemp("tester")
    return make_tools(folder)


def claim_for(behaviour: Behaviour, peers: dict[str, Any]) -> dict[str, Any]:
    port = peers["ports"][behaviour.name]
    return claim_answer(port, ca_pem=peers["ca_pem"], **behaviour.changes())


def faults_in(behaviour: Behaviour, result: dict[str, Any], seconds: float) -> list[str]:
    found = faults_of(result, user=behaviour.user, password=behaviour.password)
    if result["code"] not in behaviour.codes:
        found.append(f"concluded {result['step']}/{result['code']}")
    if seconds > behaviour.deadline_ms / 1000 + SECONDS_OVER:
        found.append(f"took {seconds:.1f} s")
    return [f"{behaviour.name}: {fault}" for fault in found]


def test_there_are_enough_behaviours_and_each_has_a_name_of_its_own() -> None:
    assert len({one.name for one in TABLE}) == len(TABLE)
    assert len(HAND_MADE) >= 100


@pytest.mark.timeout(600)
def test_all_hostile_servers_at_once_are_told_apart_in_time(
    peers: dict[str, Any], tools: Tools
) -> None:
    suspects = asyncio.run(crowded(AT_ONCE, peers, tools, at_once=80))
    # a limit of two seconds may pass on a busy machine: what is wrong is wrong among few, too
    found = asyncio.run(crowded(list(suspects), peers, tools, at_once=8))
    assert not found, "\n".join(fault for faults in found.values() for fault in faults)


@pytest.mark.timeout(1800)
def test_a_hostile_server_costs_little_memory(peers: dict[str, Any]) -> None:
    told = probed_alone(ALONE, peers)
    assert len(told) == len(ALONE)
    found = []
    for behaviour in ALONE:
        seen = told[behaviour.name]
        found += faults_in(behaviour, seen["result"], seen["seconds"])
        if seen["mib"] > MIB_MORE:
            found.append(f"{behaviour.name}: took {seen['mib']:.1f} MiB")
    assert not found, "\n".join(found)


async def crowded(
    behaviours: Sequence[Behaviour], peers: dict[str, Any], tools: Tools, *, at_once: int
) -> dict[Behaviour, list[str]]:
    """Probe all in one event loop, so many at once; return those with faults."""
    places = asyncio.Semaphore(at_once)

    async def one(behaviour: Behaviour) -> list[str]:
        assignment = read_assignment(claim_for(behaviour, peers))
        async with places:
            begun = time.monotonic()
            result = await run_attempt(assignment, tools, on_step=lambda _steps: None)
            seconds = time.monotonic() - begun
        check_result(result)
        return faults_in(behaviour, plain(result), seconds)

    found = await asyncio.gather(*(one(behaviour) for behaviour in behaviours))
    pairs = zip(behaviours, found, strict=True)
    return {behaviour: faults for behaviour, faults in pairs if faults}


def probed_alone(
    behaviours: Sequence[Behaviour], peers: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Probe each in a process of its own; return what was told, by name."""
    first = next(one for one in TABLE if one.name == WARMS_UP)
    work = [{"name": one.name, "claim": claim_for(one, peers)} for one in (first, *behaviours)]
    command = (sys.executable, "-W", "ignore", "-m", "tests.faults.hostile.prober")
    done = subprocess.run(command, input=json.dumps(work).encode(), capture_output=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["name"]: line for line in lines}
