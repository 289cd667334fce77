"""What the systemd units start runs as they write it, closed as they close it, and ends drained."""

from __future__ import annotations

import shutil
import signal
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from services.config_api.bootstrap import build
from services.config_api.settings import read_settings
from tests.support.ports import free_port
from tests.support.processes import Processes, is_ready, wait_until
from tests.support.relaybook import MASTER_KEY, context
from tests.support.units import units

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from events.access import Role

READY_S: Final = 240.0
pytestmark = pytest.mark.timeout(600)  # a busy machine takes its time to start four processes
#: The rest of a closed unit that needs no systemd: no new rights, and no memory that is written
#: and then run (prctl 38 and 65, where the kernel knows it).
CLOSED: Final = (
    "import ctypes, os, sys; call = ctypes.CDLL(None).prctl; os.umask(0o077);"
    " call(38, 1, 0, 0, 0); call(65, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


@dataclass
class Host:
    """A machine with files in `etc`, where units find secrets and state below `root`."""

    root: Path
    processes: Processes

    @property
    def etc(self) -> Path:
        return self.root / "etc"

    def surroundings(self, name: str) -> dict[str, str]:
        """Return a unit's variables; exactly the credentials that it names are laid out."""
        unit = units()[name]
        given = self.root / "credentials" / name
        given.mkdir(parents=True, exist_ok=True)
        for credential, path in unit.credentials.items() if unit.all("LoadCredential") else ():
            shutil.copy(self.etc / Path(path).relative_to("/etc/relaybook"), given / credential)
        for state in unit.all("StateDirectory"):
            (self.root / "state" / state).mkdir(mode=0o700, parents=True, exist_ok=True)
        assert unit.one("EnvironmentFile") == "-/etc/relaybook/relaybook.env"
        lines = (self.etc / "relaybook.env").read_text().splitlines()
        shared = dict(line.split("=", 1) for line in lines)
        return {
            **unit.environment(credentials=str(given), state=str(self.root / "state")),
            **shared,
        }

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start a unit's command, from where the tests' own programs are."""
        program, *arguments = units()[name].command
        own = str(Path(sys.executable).parent / Path(program).name)
        command = [sys.executable, "-c", CLOSED, own, *arguments]
        return self.processes.start(command, **self.surroundings(name))

    def stop(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Stop it as systemd would, in the time that the unit gives it."""
        process.send_signal(signal.SIGTERM)
        patience = float(units()[name].one("TimeoutStopSec").removesuffix("s"))
        assert process.wait(patience) == 0, name

    def token(self, role: Role) -> str:
        """Make a token on the database that the API's unit names."""
        settings = read_settings(self.surroundings("relaybook-api"))
        with closing(build(settings)) as relaybook:
            ctx = context(datetime.now(UTC))
            _, token = relaybook.access.create_token(
                name=role, roles=(role,), tenants=None, days=None, ctx=ctx
            )
        return token.reveal()

    def write(self, **files: str) -> None:
        """Write the files of /etc/relaybook."""
        self.etc.mkdir(exist_ok=True)
        for name, text in files.items():
            (self.etc / name.replace("_", "-").replace("-env", ".env")).write_text(text + "\n")

    @property
    def log(self) -> str:
        return "".join(path.read_text() for path in sorted(self.root.glob("*.log")))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with Processes({"LANG": "C.UTF-8"}, tmp_path) as processes:
        yield Host(tmp_path, processes)


def completed_test(client: httpx.Client) -> dict[str, Any]:
    """Test a server that is not there; the answer has been through API, relay, bus and tester."""
    draft = {"host": "127.0.0.1", "port": free_port(), "security": "none"}
    made = client.post("/v1/connection-tests", json={"draft": draft})
    assert made.status_code == 202, made.text
    path = f"/v1/connection-tests/{made.json()['id']}"
    wait_until(
        lambda: client.get(path).json()["state"] == "completed", seconds=READY_S, what="the test"
    )
    return dict(client.get(path).json())


def test_processes_apart_do_the_whole_job(
    host: Host, empty_postgres_url: str, application_url: str, rabbitmq_vhost: str
) -> None:
    port = free_port()
    host.write(
        master_key=MASTER_KEY,
        database_url=application_url,
        migration_database_url=empty_postgres_url,
        broker_url=rabbitmq_vhost,
        relaybook_env=f"RELAYBOOK_BIND=127.0.0.1:{port}\nRELAYBOOK_URL=http://127.0.0.1:{port}\n"
        "RELAYBOOK_PROBE_ALLOW=127.0.0.1/32:*",
    )
    assert host.start("relaybook-migrate").wait(READY_S) == 0, host.log
    api, relay = host.start("relaybook-api"), host.start("relaybook-relay")
    host.write(tester_token=host.token("tester"))
    token = host.token("operator")
    tester = host.start("relaybook-tester")
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: is_ready(url), seconds=READY_S, what="the API is ready")
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=30) as client:
        assert completed_test(client)["code"] == "refused"
    checkpoint = host.root / "state" / "relaybook-relay" / "log.checkpoint"
    wait_until(checkpoint.exists, seconds=READY_S, what="a checkpoint")
    for name in ("relaybook-relay", "relaybook-tester"):
        bind = host.surroundings(name)["RELAYBOOK_METRICS_BIND"]
        figures = httpx.get(f"http://{bind}/metrics", trust_env=False)
        assert "process_cpu_seconds_total" in figures.text, name
    host.stop("relaybook-tester", tester)
    host.stop("relaybook-relay", relay)
    host.stop("relaybook-api", api)
