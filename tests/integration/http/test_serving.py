"""The server itself: real processes, real sockets, real signals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from services.config_api.bootstrap import prepare
from services.config_api.http.streams import MOST_STREAMS
from services.config_api.settings import read_settings
from tests.support.ports import free_port
from tests.support.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.config_api.settings import Settings

_RUN = (
    "import os; from services.config_api.http.serve import serve;"
    "from services.config_api.settings import read_settings; serve(read_settings(os.environ))"
)


@dataclass(frozen=True)
class Server:
    """A running server: its main process, its workers and a client with the admin's token."""

    process: subprocess.Popen[bytes]
    workers: list[int]
    client: httpx.Client

    def family(self) -> list[int]:
        return [self.process.pid, *self.workers]


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task")
    return [
        int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()
    ]


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def wait_until_gone(pids: list[int], seconds: float) -> float:
    """Return how long it took until all processes were gone; fails after so many seconds."""
    began = time.monotonic()
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() - began < seconds, "a process is still there"
        time.sleep(0.02)
    return time.monotonic() - began


@contextmanager
def started(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Settings]]:
    """Start a server; it may not be ready yet."""
    values = {
        "RELAYBOOK_DATA_DIR": str(tmp_path),
        "RELAYBOOK_BIND": f"127.0.0.1:{free_port()}",
    }
    settings = read_settings(values)
    prepare(settings)
    process = subprocess.Popen([sys.executable, "-c", _RUN], env=os.environ | values)
    try:
        yield process, settings
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with started(tmp_path) as (process, settings):
        token = settings.admin_token_path.read_text().strip()
        client = httpx.Client(
            base_url=f"http://{settings.bind}",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
            limits=httpx.Limits(max_connections=None),
        )
        with client:
            _wait_until_ready(client)
            yield Server(process, children_of(process.pid), client)


def _wait_until_ready(client: httpx.Client) -> None:
    for _ in range(600):
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail("the server did not become ready")


def test_requests_are_answered_over_the_wire(server: Server) -> None:
    made = server.client.post("/v1/smtp-settings", json={"id": "acme", "host": "a.example"})
    assert made.status_code == 201, made.text
    read = server.client.get(made.headers["Location"])
    assert (read.json(), read.headers["ETag"]) == (made.json(), '"v1"')
    assert server.client.head(made.headers["Location"]).text == ""
    assert server.client.get("/v1/me").json()["roles"][0] == "admin"


def test_a_large_body_is_refused_without_being_read(server: Server) -> None:
    token = server.client.headers["Authorization"]
    head = (
        "POST /v1/smtp-settings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: {token}\r\nContent-Length: 1000000000\r\n\r\n"
    )
    address = (server.client.base_url.host, server.client.base_url.port)
    with socket.create_connection(address, timeout=5) as raw:
        raw.sendall(head.encode())
        assert raw.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_refusal_that_leaves_a_body_unread_says_that_the_connection_ends(server: Server) -> None:
    body = {"id": "acme", "host": "http://a.example/"}
    for path, read in (("/v1/nothing", False), ("/v1/smtp-settings", True)):
        for _ in range(20):  # the server may have met the body before it answered
            refused = server.client.post(path, json=body)
            assert refused.status_code in {404, 422}
            assert ("close" in refused.headers.get("Connection", "")) is not read
            assert server.client.get("/v1/me").status_code == 200


def test_a_body_of_unknown_length_is_cut_off_at_the_limit(server: Server) -> None:
    chunks = (b" " * 1024 * 1024 for _ in range(12))
    answer = server.client.post(
        "/v1/smtp-settings", content=chunks, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413


def test_open_streams_hinder_nobody_and_end_with_the_process(server: Server) -> None:
    client = server.client
    streams = [client.stream("GET", "/v1/events/stream", timeout=20) for _ in range(MOST_STREAMS)]
    answers = [stream.__enter__() for stream in streams]
    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:
        next(answer.iter_raw())
    refused = client.get("/v1/events/stream")
    assert (refused.status_code, refused.json()["type"]) == (
        503,
        "urn:relaybook:problem:unavailable",
    )
    began = time.monotonic()
    assert client.get("/v1/smtp-settings").status_code == 200
    assert time.monotonic() - began < 1
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=6) == 0
    assert wait_until_gone(server.family(), 1) < 1
    for stream in streams:
        stream.__exit__(None, None, None)


def test_a_stream_tells_what_is_recorded_while_it_is_open(server: Server) -> None:
    with server.client.stream("GET", "/v1/events/stream", timeout=20) as answer:
        lines = answer.iter_lines()
        next(lines)
        server.client.post("/v1/smtp-settings", json={"id": "acme", "host": "a.example"})
        data = next(line for line in lines if line.startswith("data: "))
    assert '"subject":"smtp_setting/acme"' in data


def test_a_stream_that_is_left_frees_its_place(server: Server) -> None:
    for _ in range(3):
        with server.client.stream("GET", "/v1/events/stream", timeout=20) as answer:
            next(answer.iter_raw())
    deadline = time.monotonic() + 30
    while "relaybook_http_streams 0.0" not in server.client.get("/metrics").text:
        assert time.monotonic() < deadline, "a place is still taken"
        time.sleep(0.2)


def test_no_worker_outlives_a_killed_server(server: Server) -> None:
    server.process.kill()
    server.process.wait()
    assert wait_until_gone(server.workers, 8) < 8


def test_no_worker_outlives_a_server_that_is_killed_while_it_starts(tmp_path: Path) -> None:
    with started(tmp_path) as (process, _):
        wait_until(lambda: children_of(process.pid) != [], seconds=20, what="a worker starts")
        workers = children_of(process.pid)
        process.kill()
        process.wait()
        assert wait_until_gone(workers, 30) < 30
