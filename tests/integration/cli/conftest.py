from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.running import STOPPED_S, Up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """`relaybook up --demo`, shared by all tests."""
    up = Up(tmp_path_factory.mktemp("up") / "var")
    up.start("--demo")
    yield up
    assert up.end() == 0, up.log
    up.wait_for_none(seconds=1.0)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """One that the test starts and ends itself; what it leaves is ended here."""
    one = Up(tmp_path / "var")
    yield one
    if one.process is not None and one.process.poll() is None:
        one.end(signal.SIGTERM)
    try:
        one.wait_for_none(seconds=STOPPED_S)
    finally:
        for process in one.processes():
            os.kill(process, signal.SIGKILL)
