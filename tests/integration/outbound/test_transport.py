"""Requests to real servers on loopback, well and badly behaved."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import trustme

from events.reach import WEB_PORTS, ReachPolicy
from services.config_api.outbound.addresses import Judge, NotAllowed
from services.config_api.outbound.transport import (
    GuardedTransport,
    Trust,
    Unreachable,
    guarded_client,
)

Serve = Callable[[socket.socket], None]
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


class Server:
    """Serves one connection after the other on loopback; `seen` is what each sent first."""

    def __init__(self, serve: Serve, context: ssl.SSLContext | None = None) -> None:
        self._serve = serve
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.seen: list[bytes] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            try:
                self._answer(connection)
            except OSError:
                continue  # the client went away
            finally:
                connection.close()

    def _answer(self, connection: socket.socket) -> None:
        if self._context is None:
            self.seen.append(connection.recv(65536))
            self._serve(connection)
            return
        with self._context.wrap_socket(connection, server_side=True) as wrapped:
            self.seen.append(wrapped.recv(65536))
            self._serve(wrapped)


@pytest.fixture
def serving() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(serve: Serve, context: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(serve, context))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def _client(*, allow: str = "127.0.0.0/8:*,[::1]/128:*", ca: Path | None = None) -> httpx.Client:
    judge = Judge(policy=ReachPolicy.parse(allow, "", open_ports=WEB_PORTS))
    return guarded_client(GuardedTransport(judge, Trust(ca), limit_s=1.0))


def _says(answer: bytes) -> Serve:
    return lambda connection: connection.sendall(answer)


def test_an_answer_comes_whole_and_the_host_is_the_name(serving: Callable[..., Server]) -> None:
    server = serving(_says(_HEAD + b"Content-Length: 2\r\n\r\nhi"))
    with _client() as client:
        answer = client.post(f"http://localhost:{server.port}/token", data={"a": "b"})
    assert (answer.status_code, answer.text) == (200, "hi")
    sent = server.seen[0].lower()
    assert f"host: localhost:{server.port}".encode() in sent
    assert b"accept-encoding: identity" in sent
    assert sent.count(b"accept-encoding") == 1
    assert b"content-length: 3" in sent


def test_the_name_in_the_url_is_what_the_certificate_must_hold(
    serving: Callable[..., Server], authority: trustme.CA, tmp_path: Path
) -> None:
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    good = serving(_says(_HEAD + b"Content-Length: 0\r\n\r\n"), _context(authority, "localhost"))
    other = serving(_says(_HEAD + b"Content-Length: 0\r\n\r\n"), _context(authority, "other.test"))
    with _client(ca=ca) as client:
        assert client.get(f"https://localhost:{good.port}/").status_code == 200
        with pytest.raises(Unreachable, match="certificate"):
            client.get(f"https://localhost:{other.port}/")
    with _client() as client, pytest.raises(Unreachable, match="certificate"):
        client.get(f"https://localhost:{good.port}/")


def test_no_packet_goes_where_the_deployment_does_not_allow_it(
    serving: Callable[..., Server],
) -> None:
    server = serving(_says(_HEAD + b"Content-Length: 0\r\n\r\n"))
    with _client(allow="") as client, pytest.raises(NotAllowed):
        client.get(f"https://localhost:{server.port}/")
    assert server.seen == []


def test_a_redirect_is_not_followed(serving: Callable[..., Server]) -> None:
    server = serving(
        _says(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    )
    with _client() as client:
        assert client.get(f"http://localhost:{server.port}/").status_code == 302


def test_a_proxy_in_the_environment_is_ignored(
    serving: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serving(_says(_HEAD + b"Content-Length: 2\r\n\r\nhi"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with _client() as client:
        assert client.get(f"http://localhost:{server.port}/").text == "hi"


def test_an_endless_answer_is_cut_off(serving: Callable[..., Server]) -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(_HEAD + b"Content-Length: 99999999\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    server = serving(endless)
    with _client() as client, pytest.raises(Unreachable, match="too long"):
        client.get(f"http://localhost:{server.port}/")


def test_an_encoded_answer_is_refused(serving: Callable[..., Server]) -> None:
    server = serving(_says(_HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi"))
    with _client() as client, pytest.raises(Unreachable, match="encoded"):
        client.get(f"http://localhost:{server.port}/")


@pytest.mark.parametrize("head", [b"", _HEAD, _HEAD + b"Content-Length: 9999\r\n\r\n"])
def test_an_answer_that_trickles_ends_with_the_time(
    serving: Callable[..., Server], head: bytes
) -> None:
    def trickling(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            time.sleep(0.1)
            connection.sendall(b"x")

    server = serving(trickling)
    began = time.monotonic()
    with _client() as client, pytest.raises(Unreachable):
        client.get(f"http://localhost:{server.port}/")
    assert time.monotonic() - began < 5


def test_a_handshake_that_trickles_ends_with_the_time(serving: Callable[..., Server]) -> None:
    def trickling(connection: socket.socket) -> None:
        connection.sendall(b"\x16\x03\x03\x3f\xff")
        while True:
            time.sleep(0.1)
            connection.sendall(b"\x02")

    server = serving(trickling)
    began = time.monotonic()
    with _client() as client, pytest.raises(Unreachable):
        client.get(f"https://localhost:{server.port}/")
    assert time.monotonic() - began < 5


def test_nobody_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with _client() as client, pytest.raises(Unreachable, match="refused"):
        client.get(f"http://localhost:{port}/")
    with _client() as client, pytest.raises(Unreachable, match="no address"):
        client.get("https://nowhere.invalid/")
