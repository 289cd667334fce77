"""Outages that take minutes, for the long sweep: servers, disks and clocks."""

from __future__ import annotations

import os
import random
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults.outages.cluster import Cluster, a_cluster
from tests.faults.outages.customers import customers
from tests.faults.outages.failing_calls import failing
from tests.faults.outages.false_clock import a_false_clock
from tests.faults.outages.node import Node, a_node
from tests.faults.outages.outage import Outage
from tests.faults.outages.results import keep
from tests.faults.outages.site import Site, a_site
from tests.faults.outages.small_disk import SmallDisk, a_small_disk
from tests.faults.outages.truth import Receiver, check
from tests.faults.outages.watch import watched
from tests.support.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KILLS: Final = 20
BROKER_AWAY_S: Final = (10.0, 120.0)
DISK_FULL_S: Final = 5.0
REFUSED_S: Final = 60.0

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("RELAYBOOK_SWEEP") != "full", reason="minutes: RELAYBOOK_SWEEP=full"
    ),
    pytest.mark.timeout(1200),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with a_cluster() as running:
        yield running


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with a_node() as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster, node: Node) -> Iterator[Site]:
    """Two of each process."""
    with a_site(tmp_path_factory.mktemp("site"), cluster.url, node.url) as running:
        yield running


@contextmanager
def suffering(site: Site, name: str, receiver: Receiver | None = None) -> Iterator[Outage]:
    """Have customers and a watch during an outage; compare and keep the figures at its end."""
    with watched(site.urls) as readiness, customers(site) as ledger:
        outage = Outage(site, ledger, readiness)
        outage.wait_for_changes(20)
        yield outage
        outage.wait_for_changes(20)
    wrong = check(site, ledger, receiver)
    keep(name, outage, wrong)
    assert wrong == []


@pytest.mark.parametrize("seconds", BROKER_AWAY_S)
def test_commands_go_on_while_the_broker_is_away(site: Site, node: Node, seconds: float) -> None:
    receiver = Receiver(site, node.url, f"broker-away-{seconds:.0f}")
    with suffering(site, f"RabbitMQ killed, away {seconds:.0f} s", receiver) as outage:
        node.kill()
        before = len(outage.ledger.changed_at)
        with outage.away():
            time.sleep(seconds)
        assert len(outage.ledger.changed_at) > before + seconds
        assert outage.said_while_away() == {200}
        node.start()
        outage.is_over()


def test_nothing_is_lost_where_the_database_is_killed_again_and_again(
    site: Site, cluster: Cluster, node: Node
) -> None:
    receiver = Receiver(site, node.url, "database-killed")
    pauses = random.Random(9)
    with suffering(site, "PostgreSQL killed", receiver) as outage:
        for _ in range(KILLS):
            time.sleep(pauses.uniform(0.2, 2))
            cluster.kill()
            with outage.away():
                time.sleep(pauses.uniform(0.5, 2))
            cluster.start()
            outage.is_over()
    assert outage.said_while_away() == {503}


def fills(disk: SmallDisk, outage: Outage) -> None:
    """Fill a disk until changes are refused, and for a while; then free it."""
    disk.fill()
    refused = outage.refused()
    wait_until(lambda: outage.refused() > refused, seconds=REFUSED_S, what="changes are refused")
    with outage.away():
        time.sleep(DISK_FULL_S)
    disk.free()


def test_nothing_is_lost_where_the_disk_of_the_embedded_set_up_is_full(tmp_path: Path) -> None:
    with a_small_disk(mebibytes=24) as disk:
        url = f"sqlite:///{disk.folder / 'relaybook.db'}"
        with (
            a_site(tmp_path, url, None, copies=1, data=disk.folder) as site,
            suffering(site, "disk full, SQLite") as outage,
        ):
            fills(disk, outage)
            outage.is_over()


def test_nothing_is_lost_where_the_disk_of_the_database_server_is_full(
    tmp_path: Path, rabbitmq_vhost: str
) -> None:
    with (
        a_small_disk(mebibytes=320) as disk,
        a_cluster(disk.folder) as cluster,
        a_site(tmp_path, cluster.url, rabbitmq_vhost, copies=1) as site,
    ):
        receiver = Receiver(site, rabbitmq_vhost, "disk-full")
        with suffering(site, "disk full, PostgreSQL", receiver) as outage:
            fills(disk, outage)
            wait_until(cluster.is_up, seconds=REFUSED_S, what="PostgreSQL is up")
            outage.is_over()


def test_nothing_is_lost_where_the_disk_fails_to_keep_what_was_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'relaybook.db'}"
    with (
        a_site(tmp_path, url, None, copies=1) as site,
        suffering(site, "fsync fails (EIO), SQLite") as outage,
    ):
        refused = outage.refused()
        with failing(site.processes["serve"], "fsync,fdatasync", "EIO"):
            wait_until(
                lambda: outage.refused() > refused + 10,
                seconds=REFUSED_S, what="changes are refused",
            )  # fmt: skip
            with outage.away():
                time.sleep(DISK_FULL_S)
        outage.is_over()


@pytest.mark.parametrize("set_up", ["SQLite", "PostgreSQL"])
def test_nothing_is_lost_where_the_clock_goes_back_a_year(
    tmp_path: Path, set_up: str, request: pytest.FixtureRequest
) -> None:
    """The clock of API and relay; for a tester whose clock is wrong no certificate is valid yet."""
    clock = a_false_clock(tmp_path)
    url, broker = f"sqlite:///{tmp_path / 'relaybook.db'}", None
    if set_up == "PostgreSQL":
        url, broker = map(request.getfixturevalue, ("postgres_url", "rabbitmq_vhost"))
    with (
        a_site(tmp_path, url, broker, copies=1, extra=clock.environment) as site,
        suffering(site, f"clock a year back, {set_up}") as outage,
    ):
        clock.set("-365d")
        with outage.away():
            time.sleep(3)
            outage.is_over()
            assert outage.earliest_change() < datetime.now(UTC) - timedelta(days=300)
    assert outage.said_while_away() == {200}
