from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.running import STOPPED_S, Up
from tests.support.smtp.name_server import running_name_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@pytest.fixture(scope="session")
def zone() -> dict[tuple[str, str], Sequence[str]]:
    """What the demo's name server answers, to be filled by tests."""
    return {("acme.example", "TXT"): ['"there"']}


@pytest.fixture(scope="session")
def demo(
    tmp_path_factory: pytest.TempPathFactory, zone: dict[tuple[str, str], Sequence[str]]
) -> Iterator[Up]:
    """`relaybook up --demo`, shared by all tests."""
    with running_name_server(zone) as (address, port):
        variables = {"RELAYBOOK_DNS_SERVERS": f"{address}:{port}"}
        yield from _running(Up(tmp_path_factory.mktemp("up") / "var", variables=variables))


def _running(up: Up) -> Iterator[Up]:
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
