"""A PostgreSQL cluster of a test's own, which may be killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

import psycopg

from tests.faults.outages.children import children_of
from tests.support.ports import free_port
from tests.support.processes import wait_until
from tests.support.services import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_SECONDS: Final = 60.0
_END_SECONDS: Final = 20.0
_AS_OWNER: Final = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")


class Cluster:
    """One server on a port of loopback; its data lie in `folder`."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._data = folder / "data"
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        """Make an empty cluster."""
        made = [str(self._programs / "initdb"), "-D", str(self._data), "-U", "postgres"]
        subprocess.run(
            [*_AS_OWNER, *made, "--auth=trust", "--no-sync", "-N"], check=True, capture_output=True
        )

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        self.begin()
        wait_until(self.is_up, seconds=_START_SECONDS, what="PostgreSQL is up")

    def begin(self) -> None:
        """Start the server."""
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self._data.parent,
            "max_wal_size": "64MB",
            "max_connections": 200,
        }
        command = [str(self._programs / "postgres"), "-D", str(self._data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([*_AS_OWNER, *command], stdout=log, stderr=log)

    def is_up(self) -> bool:
        """Tell whether it takes connections; one that ended by itself is started again."""
        if self._process is not None and self._process.poll() is not None:
            self.begin()  # as a supervisor does
        try:
            psycopg.connect(self.url.replace("+psycopg", ""), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """Kill the postmaster, and wait until all its children have seen it."""
        assert self._process is not None
        children = children_of(self._process.pid)
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._process = None
        wait_until(
            lambda: not any(Path(f"/proc/{child}").exists() for child in children),
            seconds=_END_SECONDS, what="PostgreSQL's processes are gone",
        )  # fmt: skip

    def stop(self) -> None:
        """Stop the server, if it runs."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None


@contextmanager
def a_cluster(parent: Path | None = None) -> Iterator[Cluster]:
    """Give a running cluster, its data under `parent` where that is given."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs or shutil.which("setpriv") is None or os.geteuid() != 0:
        missing("a PostgreSQL of the test's own needs its programs, setpriv and root")
    folder = Path(mkdtemp(prefix="pg-", dir=parent))
    shutil.chown(folder, "postgres", "postgres")
    cluster = Cluster(programs[-1], folder)
    try:
        cluster.make()
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)
