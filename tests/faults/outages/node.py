"""A RabbitMQ node of a test's own: its name, folders, ports and port mapper are no other's."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from tests.support.ports import free_port
from tests.support.processes import wait_until
from tests.support.services import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_SECONDS: Final = 120.0
_END_SECONDS: Final = 30.0
_NEEDED: Final = ("erl", "epmd", "setpriv")
_AS_OWNER: Final = ("setpriv", "--reuid=rabbitmq", "--regid=rabbitmq", "--clear-groups")
_GREETING: Final = b"AMQP\x00\x00\x09\x01"
_METHOD_FRAME: Final = b"\x01"


class Node:
    """One node and its port mapper, all of it on loopback."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._port, self._distribution, self._mapper_port = (free_port() for _ in range(3))
        self._mapper: subprocess.Popen[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}/"

    def start(self) -> None:
        """Start the node and wait until it speaks AMQP."""
        if self._mapper is None:
            self._mapper = self._begin("epmd", "-port", str(self._mapper_port))
            wait_until(
                lambda: _listens(self._mapper_port), seconds=_END_SECONDS, what="epmd listens"
            )
        self._process = self._begin(str(self._program))
        wait_until(self.is_up, seconds=_START_SECONDS, what="RabbitMQ is up")

    def is_up(self) -> bool:
        """Tell whether it speaks AMQP."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=2) as connection:
                connection.sendall(_GREETING)
                return connection.recv(1) == _METHOD_FRAME
        except OSError:
            return False

    def kill(self) -> None:
        """Kill the node."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """End the node and its port mapper, by their process ids."""
        for process in (self._process, self._mapper):
            if process is None:
                continue
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _begin(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / "output").open("ab") as log:
            return subprocess.Popen(
                [*_AS_OWNER, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self._environment(), cwd=self._folder,
            )  # fmt: skip

    def _environment(self) -> dict[str, str]:
        folder, name = self._folder, f"outages{os.getpid()}@localhost"
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),  # the cookie lies there
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._mapper_port),
            "RABBITMQ_ALLOW_INPUT": "true",  # the script becomes the node: one process to kill
            "RABBITMQ_NODENAME": name,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_CONFIG_FILE": str(folder / "none"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_MNESIA_DIR": str(folder / "mnesia" / "node"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-start_epmd false -noinput -kernel inet_dist_use_interface {127,0,0,1}"
            ),
        }


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def a_node() -> Iterator[Node]:
    """Give a running node."""
    programs = sorted(Path("/usr/lib/rabbitmq/lib").glob("*/sbin/rabbitmq-server"))
    if not programs or os.geteuid() != 0 or not all(map(shutil.which, _NEEDED)):
        missing("a RabbitMQ of the test's own needs its programs, setpriv and root")
    folder = Path(mkdtemp(prefix="mq-"))
    shutil.chown(folder, "rabbitmq", "rabbitmq")
    (folder / "enabled_plugins").write_text("[].\n")
    node = Node(programs[-1], folder)
    try:
        node.start()
        yield node
    finally:
        node.stop()
        shutil.rmtree(folder)
