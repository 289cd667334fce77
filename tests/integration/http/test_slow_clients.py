"""Slow clients hinder nobody, and are not waited for for ever.

RELAYBOOK_SWEEP=full also waits until the running server has ended the connections of all of them.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import ExitStack, contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx
import pytest

from services.config_api.http.incoming import Arrivals
from services.config_api.http.slow_peers import SLOWEST, SlowPeers
from tests.integration.http.served import Served, served
from tests.support.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANY: Final = 300
KINDS: Final = ("head", "body", "chunks", "form", "reader")
FULL: Final = os.environ.get("RELAYBOOK_SWEEP") == "full"
PATIENCE: Final = 0.2


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, f"sqlite:///{tmp_path / 'slow.db'}") as service:
        yield service


def _begun(wire: Wire, kind: str) -> socket.socket:
    """Return the connection of a client that has begun a request, or the reading of an answer."""
    connection = socket.socket()
    if kind == "reader":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((wire.host, wire.port))
    post = "POST /v1/smtp-settings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
    text = {
        "head": "GET /livez HTTP/1.1\r\nX-A: ",
        "body": f"{post}\r\n{wire.headers}Content-Length: 5000\r\n\r\n{{",
        "chunks": f"{post}\r\n{wire.headers}Transfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n",
        "form": "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\na",
        "reader": "GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 4,
    }[kind]
    connection.sendall(text.encode())
    return connection


def _go_on(kind: str, connection: socket.socket) -> bool:
    """Send one more byte where a client still sends; False once its connection has ended."""
    more = {"head": b"a", "body": b" ", "form": b"a", "chunks": b"1\r\n \r\n", "reader": b""}
    try:
        connection.setblocking(False)
        connection.send(more[kind])
        return kind == "reader" or connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@contextmanager
def _slow(wire: Wire, kinds: tuple[str, ...]) -> Iterator[list[tuple[str, socket.socket]]]:
    """Keep so many clients at it, a byte a second."""
    with ExitStack() as stack:
        names = [kinds[n % len(kinds)] for n in range(MANY)]
        clients = [(kind, stack.enter_context(_begun(wire, kind))) for kind in names]
        stop = Event()

        def trickle() -> None:
            while not stop.wait(1):
                for kind, connection in clients:
                    _go_on(kind, connection)

        thread = Thread(target=trickle)
        thread.start()
        stack.callback(thread.join)
        stack.callback(stop.set)
        yield clients


def _milliseconds(service: Served, requests: int) -> list[float]:
    """Return how long requests took, each tenth of them a change, in order."""
    took = []
    headers = {"Authorization": f"Bearer {service.token}"}
    with httpx.Client(base_url=service.url, headers=headers, trust_env=False) as client:
        for number in range(requests):
            began = time.perf_counter()
            if number % 10:
                answer = client.get("/v1/smtp-settings?limit=5")
            else:
                setting = {"id": f"s{time.monotonic_ns()}", "host": "a.example"}
                answer = client.post("/v1/smtp-settings", json=setting)
            took.append((time.perf_counter() - began) * 1000)
            assert answer.is_success
    return sorted(took)


@pytest.mark.alone
def test_three_hundred_slow_connections_hinder_no_other_request(running: Served) -> None:
    parts = urlsplit(running.url)
    wire = Wire(str(parts.hostname), parts.port or 0, f"Authorization: Bearer {running.token}\r\n")
    usual = _milliseconds(running, 300)[296]
    for kinds in (KINDS, ("body",)):
        with _slow(wire, kinds):
            _milliseconds(running, 20)  # until the first answers are made
            time.sleep(1)
            took = _milliseconds(running, 300)
        assert took[296] < max(100, 3 * usual), took[-10:]  # or the machine itself is slow


@pytest.mark.skipif(not FULL, reason="waits for half a minute")
@pytest.mark.alone
def test_the_server_waits_for_no_slow_client_for_ever(running: Served) -> None:
    parts = urlsplit(running.url)
    wire = Wire(str(parts.hostname), parts.port or 0, f"Authorization: Bearer {running.token}\r\n")
    with _slow(wire, ("head", "body", "chunks", "form")) as clients:
        time.sleep(45)
        assert not [kind for kind, connection in clients if _go_on(kind, connection)]


class Peers:
    """The two ends of connections to a port, and the watch over them."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.arrivals = Arrivals()
        self.watch = SlowPeers(self._listening.getsockname()[1], self.arrivals, PATIENCE)

    def connection(self) -> tuple[socket.socket, socket.socket]:
        """Return the client's end of a new connection, and the server's."""
        client = self._stack.enter_context(
            socket.create_connection(self._listening.getsockname(), timeout=5)
        )
        server = self._stack.enter_context(self._listening.accept()[0])
        client.sendall(b"POST / HTTP/1.1\r\n")
        return client, server

    def await_body(self) -> None:
        self.arrivals.reading[1] = self.arrivals.working[1] = time.monotonic()

    def work(self) -> None:
        self.arrivals.working[2] = time.monotonic()

    def ended_in_time(self, *, sending: socket.socket | None = None, piece: bytes = b"a") -> int:
        """Return how many connections were ended while three times the patience went by."""
        for _ in range(12):
            if ended := self.watch.sweep():
                return ended
            if sending is not None:
                sending.sendall(piece)
            time.sleep(PATIENCE / 4)
        return 0


@pytest.fixture
def peers() -> Iterator[Peers]:
    with ExitStack() as stack:
        yield Peers(stack)


def test_who_sends_a_body_byte_by_byte_is_cut_off(peers: Peers) -> None:
    client, server = peers.connection()
    peers.await_body()
    peers.work()  # who sends on waits for no answer
    assert peers.ended_in_time(sending=client) == 1
    assert server.recv(100)  # what had come
    while (got := server.recv(100)) != b"":
        assert set(got) == {ord("a")}


def test_who_stops_in_the_middle_of_a_body_is_cut_off(peers: Peers) -> None:
    client, _ = peers.connection()
    peers.await_body()
    assert peers.ended_in_time() == 1
    assert client.recv(1) == b""


def test_who_may_wait_for_an_answer_that_takes_long_is_kept(peers: Peers) -> None:
    peers.connection()
    peers.await_body()
    peers.work()
    assert peers.ended_in_time() == 0


def test_who_is_silent_is_kept_where_no_body_is_awaited(peers: Peers) -> None:
    peers.connection()
    assert peers.ended_in_time() == 0


def test_who_sends_fast_enough_is_kept(peers: Peers) -> None:
    client, _ = peers.connection()
    peers.await_body()
    assert peers.ended_in_time(sending=client, piece=b"a" * SLOWEST) == 0


def test_who_is_sent_something_and_takes_it_is_kept(peers: Peers) -> None:
    client, server = peers.connection()
    client.settimeout(5)
    peers.await_body()
    assert peers.ended_in_time(sending=server) == 0


def test_who_takes_no_answer_is_cut_off(peers: Peers) -> None:
    _, server = peers.connection()
    server.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            server.send(b"a" * 65536)
    assert peers.ended_in_time() == 1
    with pytest.raises(OSError, match=r"[Pp]ipe|reset"):
        server.send(b"a")
