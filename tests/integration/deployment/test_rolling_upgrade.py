"""From one release to the next under load, process by process, without a request that fails."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

import deploy.migrations
from deploy.migrations import is_current
from events.store.sql.engine import make_engine
from services.config_api.bootstrap import prepare
from services.config_api.settings import read_settings
from tests.integration.deployment.later_release import LATER, later_release
from tests.integration.deployment.load import Load, under_load
from tests.integration.deployment.proxied import Proxy, proxied
from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK, Processes, is_ready, wait_until
from tests.support.relaybook import MASTER_KEY

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(600)  # a busy machine takes its time to start a service
READY_S: Final = 240.0


@dataclass(frozen=True, kw_only=True)
class Site:
    """PostgreSQL behind, nginx in front, and processes of two releases between them."""

    database: str
    proxy: Proxy
    client: httpx.Client
    processes: Processes
    later: dict[str, str]

    def serve(self, port: int, **release: str) -> subprocess.Popen[bytes]:
        """Start `relaybook serve` of a release and wait until it is ready."""
        bind = {"RELAYBOOK_BIND": f"127.0.0.1:{port}"}
        process = self.processes.start([*RELAYBOOK, "serve"], **bind, **release)
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: is_ready(url), seconds=READY_S, what="serve is ready")
        return process

    def revision(self) -> str:
        engine = make_engine(self.database)
        with engine.connect() as connection:
            found = str(connection.execute(text("SELECT * FROM alembic_version")).scalar_one())
        engine.dispose()
        return found


@pytest.fixture
def ports() -> tuple[int, int]:
    """The ports of the old process and of the new one."""
    return free_port(), free_port()


@pytest.fixture
def site(tmp_path: Path, postgres_url: str, ports: tuple[int, int]) -> Iterator[Site]:
    nginx, data, later = (tmp_path / name for name in ("nginx", "data", "later"))
    for folder in (nginx, data, later):
        folder.mkdir()
    head = ScriptDirectory(str(deploy.migrations.__path__[0])).get_current_head()
    with proxied(nginx, ports[:1]) as proxy:
        values = {
            "RELAYBOOK_DATA_DIR": str(data),
            "RELAYBOOK_DATABASE_URL": postgres_url,
            "RELAYBOOK_MASTER_KEY": MASTER_KEY,
            "RELAYBOOK_PUBLIC_URL": proxy.url,
            "RELAYBOOK_TRUSTED_PROXIES": "1",
        }
        settings = read_settings(values)
        prepare(settings)
        token = settings.admin_token_path.read_text().strip()
        client = httpx.Client(
            base_url=proxy.url, verify=proxy.trust, trust_env=False, timeout=60,
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
        with Processes(values, data) as processes, client:
            yield Site(
                database=postgres_url, proxy=proxy, client=client, processes=processes,
                later=later_release(later, str(head)),
            )  # fmt: skip


def wait_for(load: Load, more: int) -> None:
    """Wait until so many more requests were answered."""
    until = load.statuses.total() + more
    wait_until(lambda: load.statuses.total() >= until, seconds=READY_S, what="requests")


def roll(site: Site, load: Load, old: subprocess.Popen[bytes], ports: tuple[int, int]) -> None:
    """Go from the old release to the new one as the runbook says."""
    wait_for(load, 20)
    assert site.processes.start([*RELAYBOOK, "migrate"], **site.later).wait(READY_S) == 0
    assert site.revision() == LATER
    assert is_current(site.database)  # for the old release, too
    wait_for(load, 20)
    site.serve(ports[1], **site.later)
    site.proxy.forward_to(ports)
    wait_for(load, 40)
    site.proxy.forward_to(ports[1:])
    wait_for(load, 20)
    old.send_signal(signal.SIGTERM)
    assert old.wait(READY_S) == 0
    wait_for(load, 20)


def test_no_request_fails_while_one_release_follows_the_other(
    site: Site, ports: tuple[int, int]
) -> None:
    old = site.serve(ports[0])
    with under_load(site.client) as load:
        roll(site, load, old, ports)
    assert load.failed == {}
    for setting, mailer in load.confirmed.items():
        assert site.client.get(f"/v1/smtp-settings/{setting}").json()["x_mailer"] == mailer
    log = site.proxy.log.read_text()
    for port in ports:
        assert f"127.0.0.1:{port} 200" in log
