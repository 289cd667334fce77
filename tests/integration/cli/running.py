"""`relaybook up` as a newcomer starts it, on a free port in a directory of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.support.commands import relaybook
from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).resolve().parents[3]
SAMPLE: Final = ROOT / "deploy" / "demo" / "javamail-config.xml"
READY_S: Final = 60.0
STOPPED_S: Final = 25.0


@dataclass
class Up:
    """One `relaybook up` and everything that belongs to its data directory."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    variables: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("RELAYBOOK_", "LC_"))}
        return {
            **clean,
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "RELAYBOOK_DATA_DIR": str(self.data_dir),
            "RELAYBOOK_URL": self.url,
            "RELAYBOOK_TEST_RATE": "off",
            **self.variables,
        }

    @property
    def told(self) -> str:
        return (self.data_dir.parent / "up.out").read_text()

    @property
    def log(self) -> str:
        return (self.data_dir.parent / "up.err").read_text()

    def start(self, *arguments: str) -> None:
        """Start and wait until it says where it is."""
        self.data_dir.parent.mkdir(exist_ok=True)
        if "--demo" in arguments:
            self._give_demo_ports()
        out, err = (self.data_dir.parent / name for name in ("up.out", "up.err"))
        with out.open("w") as stdout, err.open("w") as stderr:
            self.process = subprocess.Popen(
                [*RELAYBOOK, "up", "--bind", f"127.0.0.1:{self.port}", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                text=True,
            )
        try:
            wait_until(self._has_told, seconds=READY_S, what="relaybook up")
        except AssertionError:
            if self.process.poll() is None:
                self.end()
            raise

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait for the end and return the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(STOPPED_S)

    def run(
        self, *arguments: str, stdin: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `relaybook ARGUMENTS` against it."""
        whole = {**self.environment, **variables}
        done = relaybook(*arguments, environment=whole, stdin=stdin.encode())
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    def processes(self) -> dict[int, str]:
        """Return every living process of this data directory: its id and command line."""
        mark = f"RELAYBOOK_DATA_DIR={self.data_dir}\0".encode()
        found = {int(one.name): one for one in Path("/proc").glob("[0-9]*")}
        return {pid: _command(one) for pid, one in found.items() if _holds(one, mark)}

    def child(self, words: str) -> int:
        """Return the process id of the child whose command line ends so."""
        found = [pid for pid, line in self.processes().items() if re.search(words + r"\s*$", line)]
        assert len(found) == 1, (words, self.processes())
        return found[0]

    def wait_for_none(self, *, seconds: float) -> None:
        """Wait until nothing of it runs any more; fails with what is left."""
        until = time.monotonic() + seconds
        while left := self.processes():
            assert time.monotonic() < until, left
            time.sleep(0.1)

    def _give_demo_ports(self) -> None:
        """Arrange ports of its own: two demos that start at once would take the same ones."""
        demo = self.data_dir / "demo"
        if not (demo / "demo.json").exists():
            for folder in (self.data_dir, demo):
                folder.mkdir(mode=0o700, exist_ok=True)
            ports = {name: free_port() for name in ("starttls", "implicit_tls", "closed")}
            path = demo / "demo.json"
            path.touch(mode=0o600)
            path.write_text(json.dumps({"ports": ports, "password": "demo-demo"}))

    def _has_told(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log
        return "Its data is in" in self.told


def _holds(process: Path, mark: bytes) -> bool:
    try:
        return mark in (process / "environ").read_bytes() and b") Z " not in _stat(process)
    except OSError:
        return False


def _stat(process: Path) -> bytes:
    return (process / "stat").read_bytes()


def _command(process: Path) -> str:
    """Return a command line, or the name that a fork of the supervisor has given itself."""
    try:
        name = (process / "comm").read_text().strip()
        if name.startswith("relaybook-"):
            return name
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def fields(text: str) -> list[list[str]]:
    """Return the cells of a table that was printed away from a terminal."""
    return [line.split("\t") for line in text.splitlines()]


def rows(text: str) -> list[list[str]]:
    """Return the rows of a table that was printed away from a terminal, without its head."""
    head, *found = fields(text)
    assert head == [name.upper() for name in head]
    return found


def setting(**others: Any) -> dict[str, Any]:
    """Return a setting as a document."""
    return {"host": "smtp.acme.example", **others}
