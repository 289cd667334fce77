"""Every implementation of the bus, one after the other."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from kombu import Connection

from events.bus import topology
from events.bus.broker.broker import Pace
from events.bus.embedded.bus import embedded_bus, path_of
from events.bus.embedded.sqlite import sqlite3
from events.bus.memory.bus import MemoryBus
from events.bus.port import Bus
from events.bus.rabbitmq import rabbitmq_bus
from events.bus.topology import DEAD_LETTERS, WORK_QUEUES

QUICK = Pace(retry=(0.02,), reconnect=(0.05, 0.5), check=0.2, confirm=5.0)


@dataclass(frozen=True)
class Tested:
    """A bus with what its tests need to know about it; `url` is empty within one process."""

    name: str
    bus: Bus
    url: str
    queues: Callable[[], list[str]]


@pytest.fixture
def rabbitmq(rabbitmq_vhost: str) -> Iterator[Tested]:
    def queues() -> list[str]:
        listed = subprocess.run(
            [
                "rabbitmqctl",
                "--quiet",
                "list_queues",
                "-p",
                urlsplit(rabbitmq_vhost).path[1:],
                "name",
            ],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return sorted(listed.stdout.split()[1:])

    bus = rabbitmq_bus(rabbitmq_vhost, pace=QUICK)
    yield Tested(name="rabbitmq", bus=bus, url=rabbitmq_vhost, queues=queues)
    with Connection(rabbitmq_vhost) as connection:
        channel = connection.channel()
        for name in (*WORK_QUEUES, DEAD_LETTERS):
            entity = topology.queue(name)(channel)
            entity.declare()
            entity.purge()


@pytest.fixture
def embedded(embedded_broker_url: str) -> Tested:
    url = embedded_broker_url

    def queues() -> list[str]:
        connection = sqlite3.connect(path_of(url))
        names = [row[0] for row in connection.execute("SELECT name FROM queues ORDER BY name")]
        connection.close()
        return names

    bus = embedded_bus(url, pace=QUICK, lease_seconds=1.0)
    return Tested(name="embedded", bus=bus, url=url, queues=queues)


@pytest.fixture
def memory() -> Tested:
    bus = MemoryBus()
    return Tested(name="memory", bus=bus, url="", queues=lambda: sorted(bus._broker.queues))


@pytest.fixture(params=["memory", "embedded", "rabbitmq"])
def tested(request: pytest.FixtureRequest) -> Tested:
    """Each implementation."""
    found: Tested = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["embedded", "rabbitmq"])
def shared(request: pytest.FixtureRequest) -> Tested:
    """Each implementation that connects processes."""
    found: Tested = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def bus(tested: Tested) -> Bus:
    return tested.bus
