"""The whole service on a database and a broker: several of each process, a mail server, a token."""

from __future__ import annotations

import json
import secrets
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, get_args

import httpx

from deploy.demo.arrangement import Arrangement, Ports, arrange
from events.access import Role
from services.config_api.bootstrap import prepare
from services.config_api.settings import read_settings
from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK, TESTER, Processes, is_ready, wait_until
from tests.support.relaybook import MASTER_KEY

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_START_SECONDS: Final = 120.0  # on a busy machine
#: A test whose tester or whose claim was lost comes again after this and ten seconds.
DEADLINE_MS: Final = 5_000


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where the service is reached, by whom, and its processes by their kind."""

    database_url: str
    broker_url: str | None
    urls: tuple[str, ...]
    token: str
    sink: Arrangement
    processes: Mapping[str, list[subprocess.Popen[bytes]]]

    def client(self, number: int = 0, *, seconds: float = 30.0) -> httpx.Client:
        """Return a client of one of the API's processes."""
        return httpx.Client(
            base_url=self.urls[number % len(self.urls)],
            headers={"Authorization": f"Bearer {self.token}"},
            trust_env=False,
            timeout=seconds,
        )

    def setting(self, setting_id: str) -> dict[str, Any]:
        """Return a setting whose tests pass."""
        auth = {"method": "password", "user": self.sink.user, "password": self.sink.password}
        return {
            "id": setting_id,
            "host": "127.0.0.1",
            "port": self.sink.ports.starttls,
            "ca_pem": self.sink.ca_pem,
            "auth": auth,
        }

    def ended(self) -> list[str]:
        """Return which processes ended, though nobody ended them."""
        return [
            f"a process of {kind} ended with {process.returncode}"
            for kind, running in self.processes.items()
            for process in running
            if process.poll() is not None
        ]

    def are_ready(self) -> bool:
        """Tell whether every process of the API says that it is ready."""
        return all(map(is_ready, self.urls))


@contextmanager
def a_site(
    folder: Path,
    database_url: str,
    broker_url: str | None,
    *,
    copies: int = 2,
    through: str | None = None,
    data: Path | None = None,
    extra: Mapping[str, str] | None = None,
) -> Iterator[Site]:
    """Run the service until the block ends; its API reaches the database by `through`, if given.

    Its files are in `data`, if given; `extra` are variables for API and relay.
    """
    sink = _a_sink(folder / "sink")
    values = _values(data or folder / "data", database_url, broker_url, sink)
    settings = read_settings(values)
    prepare(settings)
    with Processes(values, folder) as processes:
        binds = [f"127.0.0.1:{free_port()}" for _ in range(copies)]
        urls = tuple(f"http://{bind}" for bind in binds)
        beside = dict(extra or {})
        own = beside | ({} if through is None else {"RELAYBOOK_DATABASE_URL": through})
        processes.start([sys.executable, "-m", "deploy.demo.sink", str(sink.folder)])
        tester = {"RELAYBOOK_TOKEN": settings.tester_token_path.read_text().strip()}
        serve, relay = [*RELAYBOOK, "serve"], [*RELAYBOOK, "relay"]
        running = {
            "serve": [processes.start(serve, RELAYBOOK_BIND=one, **own) for one in binds],
            "relay": [processes.start(relay, **beside) for _ in binds],
            "tester": [processes.start(TESTER, RELAYBOOK_URL=url, **tester) for url in urls],
        }
        wait_until(lambda: all(map(is_ready, urls)), seconds=_START_SECONDS, what="readiness")
        yield Site(
            database_url=database_url,
            broker_url=broker_url,
            urls=urls,
            token=_everything(urls[0], settings.admin_token_path.read_text().strip()),
            sink=sink,
            processes=running,
        )


def _values(
    data: Path, database_url: str, broker_url: str | None, sink: Arrangement
) -> dict[str, str]:
    data.mkdir(parents=True, exist_ok=True)
    return {
        "RELAYBOOK_DATA_DIR": str(data),
        "RELAYBOOK_DATABASE_URL": database_url,
        "RELAYBOOK_BROKER_URL": broker_url or "",
        "RELAYBOOK_MASTER_KEY": MASTER_KEY,
        "RELAYBOOK_PROBE_ALLOW": sink.probe_allow(),
        "RELAYBOOK_PROBE_DEADLINE_MS": str(DEADLINE_MS),
        "RELAYBOOK_TEST_RATE": "off",
    }


def _a_sink(folder: Path) -> Arrangement:
    """Return a mail server on ports of its own: the usual ones are those of every other demo."""
    folder.mkdir(mode=0o700)
    ports = Ports(starttls=free_port(), implicit_tls=free_port(), closed=free_port())
    kept = {"ports": asdict(ports), "password": secrets.token_urlsafe(12)}
    (folder / "demo.json").write_text(json.dumps(kept), "utf-8")
    return arrange(folder, datetime.now(UTC))


def _everything(url: str, admin: str) -> str:
    """Return a token with every role."""
    made = httpx.post(
        f"{url}/v1/tokens",
        json={"name": "everything", "roles": list(get_args(Role))},
        headers={"Authorization": f"Bearer {admin}"},
        trust_env=False,
    ).raise_for_status()
    token: str = made.json()["token"]
    return token
