"""Starts the servers that are asked for one setting, each with the same settings in its store."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from resource import RLIMIT_NOFILE, getrlimit
from typing import TYPE_CHECKING, Final

import httpx
import psycopg

from tests.bench._frame import PeerMissing
from tests.bench._load import Target, found, tree
from tests.bench._reads_data import into_etcd, into_files, plain
from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK, Processes, is_ready, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOT: Final = Path(__file__).parents[2]
_PEERS: Final = _ROOT / ".venv-peers" / "bin"
_START_S: Final = 120.0
_PATH: Final = "/v1/smtp-settings/"
_NGINX: Final = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; default_type application/json; keepalive_requests 1000000000;
  open_file_cache max={cached} inactive=10m; open_file_cache_valid 10m;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {folder}/html; }}
}}
"""

Pids = Callable[[], Sequence[int]]


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What peers share with the product: its database, and somebody's token."""

    url: str
    token: str
    database: Pids


@contextmanager
def relaybook(
    folder: Path, environment: Mapping[str, str], beside: Beside, *, mib: int, on_one: bool = True
) -> Iterator[Target]:
    """Serve the product with so much memory for answers, on one processor unless told otherwise."""
    bind = f"127.0.0.1:{free_port()}"
    own = {"RELAYBOOK_BIND": bind, "RELAYBOOK_READ_CACHE_MIB": str(mib)}
    with Processes({**environment, **own}, folder) as processes:
        process = processes.start([*RELAYBOOK, "serve"])
        if on_one:
            _on_one_cpu(process.pid)
        url = f"http://{bind}"
        wait_until(lambda: is_ready(url), seconds=_START_S, what="relaybook serve")
        time.sleep(3)  # a reader's lease counts by then
        yield Target(
            url=url, before=_PATH, headers={"Authorization": f"Bearer {beside.token}"},
            parts={"server": lambda: tree(process.pid)[1:], "database": beside.database},
        )  # fmt: skip


@contextmanager
def on_granian(folder: Path, target: str, before: str, beside: Beside) -> Iterator[Target]:
    """Serve a WSGI application of the peers as the product is served."""
    port = free_port()
    command = [
        str(_peer("granian")), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", "16", "--no-ws", "--http", "1", target,
    ]  # fmt: skip
    environment = {"BENCH_DATABASE_URL": beside.url}
    with _started(folder, command, port, environment, on_one=True) as process:
        yield Target(
            url=f"http://127.0.0.1:{port}", before=before,
            headers={"Authorization": f"Bearer {beside.token}"},
            parts={"server": lambda: tree(process.pid)[1:], "database": beside.database},
        )  # fmt: skip


@contextmanager
def on_uvicorn(folder: Path, beside: Beside) -> Iterator[Target]:
    """Serve FastAPI by uvicorn with uvloop and httptools."""
    port = free_port()
    command = [
        str(_peer("uvicorn")), "--host", "127.0.0.1", "--port", str(port), "--loop", "uvloop",
        "--http", "httptools", "--no-access-log", "tests.bench.peers.reads_fastapi:app",
    ]  # fmt: skip
    environment = {"BENCH_DATABASE_URL": beside.url}
    with _started(folder, command, port, environment, on_one=True) as process:
        yield Target(
            url=f"http://127.0.0.1:{port}", before=_PATH,
            headers={"Authorization": f"Bearer {beside.token}"},
            parts={"server": lambda: tree(process.pid), "database": beside.database},
        )  # fmt: skip


@contextmanager
def etcd(folder: Path, count: int) -> Iterator[Target]:
    """Serve etcd's gateway, with a key a setting; nobody has to sign in."""
    port, peer = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        found("etcd"), "--data-dir", str(folder / "etcd"), "--listen-client-urls", url,
        "--advertise-client-urls", url, "--listen-peer-urls", f"http://127.0.0.1:{peer}",
        "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
        "--initial-cluster", f"default=http://127.0.0.1:{peer}", "--log-level", "error",
    ]  # fmt: skip
    with _started(folder, command, port, {}) as process:
        into_etcd(url, count)
        yield Target(
            url=url, before="/v3/kv/range", by_body=True,
            parts={"server": lambda: tree(process.pid)},
        )  # fmt: skip


@contextmanager
def nginx(folder: Path, count: int) -> Iterator[Target]:
    """Serve a file a setting."""
    port = free_port()
    program = found("nginx")
    into_files(folder / "html", count)
    conf = folder / "nginx.conf"
    _, most_open = getrlimit(RLIMIT_NOFILE)
    told = _NGINX.format(folder=folder, port=port, cached=most_open // 2)
    conf.write_text(told, encoding="ascii")
    (folder.parent).chmod(0o755)
    with _started(
        folder, [program, "-c", str(conf), "-e", str(folder / "error.log")], port, {}
    ) as process:
        yield Target(
            url=f"http://127.0.0.1:{port}", before="/",
            parts={"server": lambda: tree(process.pid)},
        )  # fmt: skip


def sessions_of(url: str) -> Pids:
    """Return what finds the server processes behind a database's sessions."""
    address = plain(url)

    def pids() -> list[int]:
        with psycopg.connect(address) as connection:
            found_ = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            ).fetchall()
        return [pid for (pid,) in found_]

    return pids


def _on_one_cpu(pid: int) -> None:
    """Keep a process that has just begun, and those it starts, on one processor.

    So the guide of deployment advises for programs with an interpreter lock; the peers that have
    one gain by it, too.
    """
    os.sched_setaffinity(pid, {max(os.sched_getaffinity(pid))})


def _peer(program: str) -> Path:
    path = _PEERS / program
    if not path.exists():
        raise PeerMissing(f"{program} is not among the peers' packages")
    return path


@contextmanager
def _started(
    folder: Path,
    command: Sequence[str],
    port: int,
    environment: Mapping[str, str],
    *,
    on_one: bool = False,
) -> Iterator[subprocess.Popen[bytes]]:
    with Processes({**environment, "PYTHONPATH": str(_ROOT)}, folder) as processes:
        process = processes.start(command)
        if on_one:
            _on_one_cpu(process.pid)
        wait_until(lambda: _answers(port), seconds=_START_S, what=command[0])
        yield process


def _answers(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
    except httpx.TransportError:
        return False
    return True
