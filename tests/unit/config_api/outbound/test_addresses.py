"""Where the service's own connections may lead."""

from __future__ import annotations

import socket
from threading import Event
from typing import Any

import pytest

from events.reach import WEB_PORTS, ReachPolicy
from services.config_api.outbound import addresses
from services.config_api.outbound.addresses import Judge, NoAddress, NotAllowed


def _judge(allow: str = "", deny: str = "") -> Judge:
    return Judge(policy=ReachPolicy.parse(allow, deny, open_ports=WEB_PORTS))


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the addresses that every name has."""
    found = ["192.0.2.1"]

    def resolved(_host: str, port: int, **_: Any) -> list[Any]:
        kind = socket.SOCK_STREAM
        return [(socket.AF_INET, kind, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    return found


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "169.254.169.254",
        "2130706433",
        "0x7f.1",
        "::1",
        "::ffff:127.0.0.1",
        "0.0.0.0",  # noqa: S104 -- it must be refused
    ],
)
def test_inner_addresses_are_refused_however_they_are_spelt(host: str) -> None:
    with pytest.raises(NotAllowed):
        _judge().addresses("https", host, None)


def test_all_addresses_of_a_name_must_pass(answering: list[str]) -> None:
    answering[:] = ["8.8.8.8", "10.1.2.3"]
    assert _judge().addresses("https", "provider.example", None) == ("8.8.8.8", "10.1.2.3")
    answering.append("127.0.0.1")
    with pytest.raises(NotAllowed):
        _judge().addresses("https", "provider.example", None)


def test_other_ports_and_plain_http_go_only_where_the_deployment_lists_them(
    answering: list[str],
) -> None:
    answering[:] = ["10.1.2.3"]
    for scheme, port in (("https", 8443), ("http", 80), ("http", 443), ("ftp", 443)):
        with pytest.raises(NotAllowed):
            _judge().addresses(scheme, "idp.internal", port)
    listing = _judge("10.1.2.3/32:80-8443")
    for scheme, port in (("https", 8443), ("http", 80)):
        assert listing.addresses(scheme, "idp.internal", port) == ("10.1.2.3",)


def test_a_denied_address_is_refused_although_it_is_listed(answering: list[str]) -> None:
    answering[:] = ["10.1.2.3"]
    with pytest.raises(NotAllowed):
        _judge("10.0.0.0/8:*", "10.1.2.3/32").addresses("https", "idp.internal", None)


def test_a_name_without_an_address_is_told() -> None:
    with pytest.raises(NoAddress, match="has no address"):
        _judge().addresses("https", "a" * 64 + ".invalid", None)


def test_a_resolver_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Event()
    monkeypatch.setattr(addresses, "_LIMIT_S", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer.wait(10))
    with pytest.raises(NoAddress, match="no name server answered"):
        _judge().addresses("https", "slow.example", None)
    answer.set()
