"""Failpoints cost nothing and do nothing until the environment names one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from events import failpoints

if TYPE_CHECKING:
    from collections.abc import Iterator

_REACHES_TWO = """
from events.failpoints import reach
for name in ("append.begun", "append.committed", "append.begun", "append.committed"):
    print(name, flush=True)
    reach(name)
"""


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    failpoints.watch(None)


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    calls: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *call: calls.append(call))
    return calls


def reached(failpoint: str | None) -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if name != failpoints.VARIABLE}
    if failpoint is not None:
        environment[failpoints.VARIABLE] = failpoint
    return subprocess.run(
        [sys.executable, "-c", _REACHES_TWO],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_process_dies_at_the_passing_that_its_environment_names() -> None:
    done = reached("append.committed:2")
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.split() == ["append.begun", "append.committed"] * 2


def test_without_the_variable_a_process_goes_on() -> None:
    assert reached(None).returncode == 0


def test_nothing_is_armed_by_an_empty_text(killed: list[tuple[int, int]]) -> None:
    failpoints.arm("")
    failpoints.reach("append.begun")
    assert killed == []


def test_the_first_passing_is_meant_where_no_number_is_given(
    killed: list[tuple[int, int]],
) -> None:
    failpoints.arm("append.begun")
    failpoints.reach("append.written")
    assert killed == []
    failpoints.reach("append.begun")
    failpoints.reach("append.begun")
    assert killed == [(os.getpid(), signal.SIGKILL)]


@pytest.mark.parametrize("text", ["append.begin", "append.begun:0", "append.begun:often", ":1"])
def test_what_is_no_failpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text.partition(":")[2] or text):
        failpoints.arm(text)


def test_passings_can_be_watched() -> None:
    passed: list[str] = []
    failpoints.watch(passed.append)
    failpoints.reach("append.begun")
    failpoints.watch(None)
    failpoints.reach("append.begun")
    assert passed == ["append.begun"]
