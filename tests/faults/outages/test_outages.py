"""Servers that die, lose connections and come back, in the middle of load.

The service runs as its operator starts it. Customers change, read and test settings meanwhile, ask
again with the same idempotency key where they were not told, and know in the end what must be
stored. RELAYBOOK_SWEEP=full adds what takes minutes.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import make_url

from events.envelope import new_id
from events.store.sql.opening import open_store
from tests.faults.outages.cluster import Cluster, a_cluster
from tests.faults.outages.customers import customers
from tests.faults.outages.cutting import Cut, CuttingProxy, Moment
from tests.faults.outages.outage import Outage
from tests.faults.outages.site import Site, a_site
from tests.faults.outages.truth import Receiver, check
from tests.faults.outages.watch import watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

FULL: Final = os.environ.get("RELAYBOOK_SWEEP") == "full"
AWAY_S: Final = 1.5
CUTS: Final = 20 if FULL else 3

pytestmark = pytest.mark.timeout(600)  # half a minute, but on a machine with other work longer


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with a_cluster() as running:
        yield running


@pytest.fixture(scope="module")
def proxy(cluster: Cluster) -> Iterator[CuttingProxy]:
    with closing(CuttingProxy(cluster.port)) as before_it:
        yield before_it


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    cluster: Cluster,
    proxy: CuttingProxy,
    rabbitmq_vhost: str,
) -> Iterator[Site]:
    """One of each process; the API reaches the database by the proxy."""
    through = make_url(cluster.url).set(port=proxy.port).render_as_string(hide_password=False)
    folder = tmp_path_factory.mktemp("site")
    with a_site(folder, cluster.url, rabbitmq_vhost, copies=1, through=through) as running:
        yield running


def types_of(site: Site, stream: str) -> list[str]:
    with closing(open_store(site.database_url)) as opened:
        return [event.type for event in opened.store.read_stream(stream)]


def test_nothing_is_lost_where_the_database_is_killed(
    site: Site, cluster: Cluster, rabbitmq_vhost: str
) -> None:
    receiver = Receiver(site, rabbitmq_vhost, "killed-database")
    with watched(site.urls) as readiness, customers(site) as ledger:
        outage = Outage(site, ledger, readiness)
        outage.wait_for_changes(10)
        cluster.kill()
        with outage.away():
            time.sleep(AWAY_S)
        cluster.start()
        outage.is_over()
        outage.wait_for_changes(10)
    assert outage.said_while_away() == {503}
    assert check(site, ledger, receiver) == []
    assert ledger.asked_again


def change(client: httpx.Client, name: str, key: str, mailer: str) -> httpx.Response:
    headers = {"Idempotency-Key": key, "If-Match": "*"}
    return client.patch(f"/v1/smtp-settings/{name}", json={"x_mailer": mailer}, headers=headers)


@pytest.mark.parametrize(("moment", "is_there"), [("unsent", False), ("unanswered", True)])
def test_a_change_whose_connection_was_cut_is_settled_by_its_key(
    site: Site, proxy: CuttingProxy, moment: Moment, is_there: bool
) -> None:
    name = f"cut-{moment}"
    with site.client() as client, customers(site, number=2) as ledger:
        client.post("/v1/smtp-settings", json=site.setting(name)).raise_for_status()
        for number in range(CUTS):
            key = f"key-{new_id()}"
            proxy.cut_once(Cut(words=(key.encode(), b"smtp_setting.updated"), moment=moment))
            untold = change(client, name, key, f"mailer {number}")
            assert proxy.was_cut.is_set()
            assert untold.status_code == 503, untold.text
            told = change(client, name, key, f"mailer {number}")
            assert told.status_code == 200, told.text
            assert ("Idempotent-Replayed" in told.headers) is is_there
            assert told.json()["version"] == number + 2
    assert types_of(site, f"smtp_setting-{name}")[1:] == ["smtp_setting.updated"] * CUTS
    assert check(site, ledger) == []


def imported(client: httpx.Client, key: str, settings: list[dict[str, Any]]) -> httpx.Response:
    return client.post(
        "/v1/imports?mode=new",
        json={"relaybook": 1, "settings": settings},
        headers={"Idempotency-Key": key},
    )


@pytest.mark.parametrize(("moment", "is_there"), [("unsent", False), ("unanswered", True)])
def test_an_import_whose_connection_was_cut_at_its_commit_is_settled_by_its_key(
    site: Site, proxy: CuttingProxy, moment: Moment, is_there: bool
) -> None:
    names = [f"import-{moment}-{number}" for number in range(30)]
    settings = [{"id": name, "host": "smtp.acme.example"} for name in names]
    key = f"key-{new_id()}"
    with site.client() as client:
        proxy.cut_once(Cut(words=(b"COMMIT",), since=key.encode(), moment=moment))
        untold = imported(client, key, settings)
        assert proxy.was_cut.is_set()
        assert untold.status_code == 503, untold.text
        told = imported(client, key, settings)
    assert told.status_code == 201, told.text
    assert ("Idempotent-Replayed" in told.headers) is is_there
    assert told.json()["counts"]["create"] == len(names)
    assert [types_of(site, f"smtp_setting-{name}") for name in names] == [
        ["smtp_setting.imported"]
    ] * len(names)
