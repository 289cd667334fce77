"""The guard around sockets refuses other machines and nothing else."""

from __future__ import annotations

import socket

import pytest

from tests.support import loopback_only
from tests.support.loopback_only import BeyondLoopback, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "localhost"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "10.0.0.1", "::", "fe80::1%eth0", "example.org"])
def test_other_machines_are_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_a_connection_to_another_machine_is_refused(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[str] = []
    monkeypatch.setattr(loopback_only, "_attempts", attempts)
    with socket.socket() as sock, pytest.raises(BeyondLoopback, match=r"192\.0\.2\.1 port 25"):
        getattr(sock, method)(("192.0.2.1", 25))
    assert attempts == ["192.0.2.1 port 25"]


def test_a_datagram_to_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback_only, "_attempts", [])
    with (
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock,
        pytest.raises(BeyondLoopback),
    ):
        sock.sendto(b"x", ("2001:db8::1", 53))


def test_a_connection_on_this_machine_works() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as sock:
        sock.connect(server.getsockname())
        assert sock.getpeername() == server.getsockname()
