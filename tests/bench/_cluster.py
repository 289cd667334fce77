"""A PostgreSQL cluster of a benchmark's own, whose settings it may change."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import psycopg
from sqlalchemy import URL

from tests.bench._frame import PeerMissing
from tests.bench._load import seconds_with_ended, tree
from tests.support.ports import free_port
from tests.support.processes import wait_until
from tests.support.services import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_START_S: Final = 30.0
#: What makes a commit durable, and what makes it wait.
_DURABILITY: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_WAITS: Final = ("wal_sync_method", "commit_delay", "commit_siblings")


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running cluster: its first process, and its server as tests know one."""

    pid: int
    address: URL
    server: PostgresServer

    def change(self, **settings: str) -> None:
        """Change settings for all sessions to come."""
        with self.server.connect() as connection:
            for name, value in settings.items():
                connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
            connection.execute("SELECT pg_reload_conf()")
        wait_until(lambda: self._shows(settings), seconds=_START_S, what="the new settings")

    def durability(self) -> dict[str, str]:
        """Return its settings; raises RuntimeError where it does not flush what it commits."""
        shown = self._shown((*_DURABILITY, *_WAITS))
        if any(shown[name] != value for name, value in _DURABILITY.items()):
            raise RuntimeError(f"commits are not durable: {shown}")
        return shown

    def settle(self) -> None:
        """Write to the disk what waits for it, so that it is not written meanwhile."""
        with self.server.connect() as connection:
            connection.execute("CHECKPOINT")

    def cpu_seconds(self) -> float:
        """Return what all its processes have spent, those that ended too."""
        return sum(map(seconds_with_ended, tree(self.pid)))

    def _shows(self, settings: Mapping[str, str]) -> bool:
        return self._shown(tuple(settings)) == settings

    def _shown(self, names: tuple[str, ...]) -> dict[str, str]:
        with self.server.connect() as connection:
            rows = connection.execute(
                "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", (list(names),)
            ).fetchall()
        return {str(name): str(value) for name, value in rows}


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """Run a new cluster until the block ends; raises PeerMissing where PostgreSQL is not here."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        raise PeerMissing("initdb and postgres are not installed (package postgresql)")
    with TemporaryDirectory() as name:
        folder = Path(name)
        as_owner = _as_owner(folder)
        data = str(folder / "data")
        made = (str(programs[-1] / "initdb"), "-D", data, "--auth=trust", "-U", "postgres")
        subprocess.run([*as_owner, *made], check=True, capture_output=True)
        port = free_port()
        command = [
            *as_owner, str(programs[-1] / "postgres"), "-D", data, "-p", str(port),
            "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}",
        ]  # fmt: skip
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            address = URL.create(
                "postgresql+psycopg", "postgres", None, "127.0.0.1", port, "postgres"
            )
            server = PostgresServer(address)
            wait_until(lambda: _answers(server), seconds=_START_S, what="PostgreSQL")
            yield Cluster(pid=process.pid, address=address, server=server)
        finally:
            process.terminate()  # it waits for its sessions, and those have ended
            process.wait()


def _as_owner(folder: Path) -> tuple[str, ...]:
    """Give the folder to the account that PostgreSQL runs under: it refuses to be root."""
    if os.geteuid() != 0:
        return ()
    shutil.chown(folder, "postgres", "postgres")
    return ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")


def _answers(server: PostgresServer) -> bool:
    try:
        server.connect().close()
    except psycopg.OperationalError:
        return False
    return True
