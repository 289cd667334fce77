"""Several processes: no read is older than what any of them acknowledged before it was asked."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from services.config_api.bootstrap import prepare
from services.config_api.settings import read_settings
from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK, Processes, is_ready, wait_until
from tests.support.relaybook import MASTER_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START_SECONDS: Final = 100.0
_CHANGES: Final = 1_000 if os.environ.get("RELAYBOOK_SWEEP") == "full" else 25
_READERS: Final = 3
_ACME: Final = "/v1/smtp-settings/acme"


@contextmanager
def two_served(
    database_url: str, folders: tuple[Path, Path]
) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Serve twice from data directories; give somebody with a token at each."""
    binds = [f"127.0.0.1:{free_port()}" for _ in folders]
    values = {"RELAYBOOK_DATABASE_URL": database_url, "RELAYBOOK_MASTER_KEY": MASTER_KEY}
    settings = read_settings({**values, "RELAYBOOK_DATA_DIR": str(folders[0])})
    prepare(settings)
    token = settings.admin_token_path.read_text("ascii").strip()
    with Processes(values, folders[0]) as processes:
        clients = []
        for bind, folder in zip(binds, folders, strict=True):
            own = {"RELAYBOOK_BIND": bind, "RELAYBOOK_DATA_DIR": str(folder)}
            processes.start([*RELAYBOOK, "serve"], **own)
            headers = {"Authorization": f"Bearer {token}"}
            url = f"http://{bind}"
            clients.append(httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=60))
        for client in clients:
            url = str(client.base_url)
            wait_until(lambda url=url: is_ready(url), seconds=_START_SECONDS, what=url)  # type: ignore[misc]  # bound at once
            wait_until(lambda client=client: keeps(client), seconds=_START_SECONDS, what=url)  # type: ignore[misc]  # the same
        yield clients[0], clients[1]
        for client in clients:
            client.close()


def keeps(client: httpx.Client) -> bool:
    """Tell whether a process keeps answers by now."""
    return "relaybook_reads_keeping 1.0" in client.get("/metrics").text


@pytest.fixture(params=["sqlite", "postgresql", "two hosts"])
def served(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Two processes on one database, of one host but for `two hosts`."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    other = tmp_path / "other"
    other.mkdir()
    second = other if request.param == "two hosts" else tmp_path
    with two_served(url, (tmp_path, second)) as clients:
        yield clients


@pytest.mark.timeout(300)  # two processes start, beside what else the machine does
def test_no_read_is_older_than_what_was_acknowledged(
    served: tuple[httpx.Client, httpx.Client],
) -> None:
    check_changes(*served)
    check_revocations(*served)


def check_changes(writer: httpx.Client, reader: httpx.Client) -> None:
    made = writer.post("/v1/smtp-settings", json={"id": "acme", "host": "mail.example"})
    assert made.status_code == 201
    acknowledged = [1]
    done = Event()

    def read() -> int:
        count = 0
        while not done.is_set():
            least = acknowledged[-1]
            answer = reader.get(_ACME)
            assert answer.json()["version"] >= least
            count += 1
        return count

    with ThreadPoolExecutor(_READERS) as pool:
        reads = [pool.submit(read) for _ in range(_READERS)]
        try:
            for number in range(_CHANGES):
                acknowledged.append(change(writer, number))
                assert reader.get(_ACME).json()["version"] == acknowledged[-1]
        finally:
            done.set()
        assert all(one.result() > 0 for one in reads)
    assert kept_answers(reader) > 0


def check_revocations(writer: httpx.Client, reader: httpx.Client) -> None:
    for _ in range(3):
        made = writer.post("/v1/tokens", json={"name": "t", "roles": ["reader"]}).json()
        shown = {"Authorization": f"Bearer {made['token']}"}
        for _ in range(3):
            assert reader.get(_ACME, headers=shown).status_code == 200
        assert writer.delete(f"/v1/tokens/{made['id']}").status_code in {200, 204}
        assert reader.get(_ACME, headers=shown).status_code == 401


def change(writer: httpx.Client, number: int) -> int:
    """Change the setting and return the version that was acknowledged."""
    changed: dict[str, Any] = {"x_mailer": f"change {number}"}
    answer = writer.patch(_ACME, json=changed, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    version: int = answer.json()["version"]
    return version


def kept_answers(client: httpx.Client) -> float:
    """Return how many reads were answered without Flask."""
    for line in client.get("/metrics").text.splitlines():
        if line.startswith("relaybook_reads_kept_total "):
            return float(line.split()[1])
    raise AssertionError("nobody counts what is kept")
