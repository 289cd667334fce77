"""The supervisor and its warden over small programs that behave badly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from services.config_api.cli import supervisor as module
from services.config_api.cli.supervisor import Program, Supervisor
from services.config_api.cli.warden import end_groups, living
from tests.support.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    " print(flush=True); time.sleep(60)"
)


def program(code: str, *arguments: str) -> Program:
    command = [sys.executable, "-c", code, *arguments]
    return Program(name="it", command=command, environment=os.environ)


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def until(holds: Callable[[], bool], *, seconds: float = 20.0) -> Callable[[], bool]:
    end = time.monotonic() + seconds

    def held() -> bool:
        assert time.monotonic() < end
        return holds()

    return held


def test_a_program_that_keeps_dying_waits_longer_each_time(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    told: list[str] = []
    code = "import sys, time; open(sys.argv[1], 'a').write(f'{time.monotonic()}\\n'); sys.exit(3)"
    supervisor = Supervisor([program(code, str(starts))], tell=told.append)
    try:
        supervisor.run(until(lambda: len(told) == 3))
    finally:
        supervisor.stop()
    assert told == [
        f"it ended with status 3; it is started again in {wait} s." for wait in (0.5, 1.0, 2.0)
    ]
    first, second, third = map(float, starts.read_text().split())
    assert second - first >= 0.5
    assert third - second >= 1.0


def test_a_program_that_ignores_the_signal_is_ended_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRACE_S", 0.5)
    pid = tmp_path / "pid"
    code = f"import os, sys; open(sys.argv[1], 'w').write(f'{{os.getpid()}} '); {STUBBORN}"
    supervisor = Supervisor([program(code, str(pid))], tell=pytest.fail)
    supervisor.run(until(lambda: pid.exists() and pid.read_text().endswith(" ")))
    supervisor.stop()
    assert not lives(int(pid.read_text()))


def test_what_a_child_forked_ends_with_it(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = (
        "import subprocess, sys, time;"
        f"child = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}], stdout=-1);"
        "child.stdout.readline();"
        "open(sys.argv[1], 'w').write(f'{child.pid} '); time.sleep(60)"
    )
    supervisor = Supervisor([program(code, str(pid))], tell=pytest.fail)
    supervisor.run(until(lambda: pid.exists() and pid.read_text().endswith(" ")))
    supervisor.stop()
    wait_until(lambda: not lives(int(pid.read_text())), seconds=5, what="the grandchild's end")


def test_a_requested_stop_ends_the_watch() -> None:
    supervisor = Supervisor([program("import time; time.sleep(60)")], tell=pytest.fail)
    try:
        assert supervisor.run(until=lambda: supervisor.all_run)
        supervisor.request_stop()
        assert not supervisor.run()
    finally:
        supervisor.stop()


def test_the_warden_keeps_the_groups_that_were_not_taken_back() -> None:
    assert living(["+10\n", "+11\n", "-10\n", "+12\n", "-99\n"]) == {11, 12}


def test_the_warden_ends_a_group_politely_first_and_then_by_force() -> None:
    polite = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], process_group=0
    )
    stubborn = subprocess.Popen(
        [sys.executable, "-c", STUBBORN], process_group=0, stdout=subprocess.PIPE
    )
    assert stubborn.stdout is not None
    stubborn.stdout.readline()
    end_groups([polite.pid, stubborn.pid], grace_s=0.5)
    assert polite.wait(5) == -signal.SIGTERM
    assert stubborn.wait(5) == -signal.SIGKILL
    stubborn.stdout.close()
    end_groups([polite.pid], grace_s=0.0)
