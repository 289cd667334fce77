"""Connections by way of a proxy: real ones, and peers that break every rule of theirs."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.support.smtp.by_proxy import QUICK, by_proxy, outcome
from tests.support.smtp.certificates import HOST, Authority
from tests.support.smtp.name_server import running_name_server
from tests.support.smtp.peer import Connection, Peer, running_peer
from tests.support.smtp.probing import claim_answer, make_tools, probed, step_of
from tests.support.smtp.proxies import (
    PROXY_PASSWORD,
    PROXY_USER,
    running_microsocks,
    running_tinyproxy,
)
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from services.conn_tester.tools import Tools


@pytest.fixture(scope="module")
def server() -> Iterator[Peer]:
    with running_peer(SmtpScript()) as peer:
        yield peer


@pytest.fixture(scope="module")
def http_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running_tinyproxy(tmp_path_factory.mktemp("proxy")) as port:
        yield port


@pytest.fixture(scope="module")
def socks_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running_microsocks(tmp_path_factory.mktemp("socks")) as port:
        yield port


# real proxies


def test_a_server_is_reached_through_an_http_proxy(
    tools: Tools, server: Peer, http_proxy: int
) -> None:
    result = outcome(tools, server.port, by_proxy(http_proxy))
    assert result.code == "ok"
    states = {step.name: step.state for step in result.steps}
    assert (states["tcp"], states["proxy"]) == ("skipped", "passed")
    assert step_of(result, "proxy").detail == {
        "kind": "http", "proxy": f"127.0.0.1:{http_proxy}", "address": "127.0.0.1",
    }  # fmt: skip


def test_a_server_is_reached_through_a_socks_proxy(
    tools: Tools, server: Peer, socks_proxy: int
) -> None:
    result = outcome(tools, server.port, by_proxy(socks_proxy, "socks"))
    assert (result.code, step_of(result, "proxy").state) == ("ok", "passed")


def test_host_and_port_may_stand_together_and_http_wins(
    tools: Tools, server: Peer, http_proxy: int
) -> None:
    properties = {"mail.smtp.proxy.host": f"127.0.0.1:{http_proxy}", **by_proxy(9, "socks")}
    assert outcome(tools, server.port, properties).code == "ok"


@pytest.mark.parametrize("kind", ["proxy", "socks"])
def test_certificates_are_looked_at_through_the_proxy(
    tools: Tools, http_proxy: int, socks_proxy: int, kind: str
) -> None:
    port = http_proxy if kind == "proxy" else socks_proxy
    with running_peer(SmtpScript(), tls=Authority.root().issue().context()) as peer:
        answer = claim_answer(peer.port, properties=by_proxy(port, kind), security="implicit_tls")
        result = probed(answer, tools)
    # tinyproxy looks the name up itself, and nobody knows it there
    expected = {"proxy": "proxy_target_unreachable", "socks": "cert_unknown_ca"}
    assert result.code == expected[kind]
    if kind == "socks":
        assert result.tls is not None
        assert result.tls["certificate"]["names"] == [HOST]


def test_a_proxy_that_wants_a_password_gets_it(tools: Tools, tmp_path: Path, server: Peer) -> None:
    with running_tinyproxy(tmp_path, user=True) as port:
        properties = by_proxy(port)
        result = outcome(tools, server.port, properties)
        assert (result.code, result.step) == ("proxy_auth_required", "proxy")
        properties["mail.smtp.proxy.user"] = PROXY_USER
        secrets = {"mail.smtp.proxy.password": "wrong"}
        assert outcome(tools, server.port, properties, secrets).code == "proxy_auth_required"
        secrets = {"mail.smtp.proxy.password": PROXY_PASSWORD}
        assert outcome(tools, server.port, properties, secrets).code == "ok"


def test_a_socks_proxy_that_wants_a_password_is_told(
    tools: Tools, tmp_path: Path, server: Peer
) -> None:
    with running_microsocks(tmp_path, user=True) as port:
        result = outcome(tools, server.port, by_proxy(port, "socks"))
    assert (result.code, result.step) == ("proxy_auth_required", "proxy")


def test_a_proxy_that_lets_only_one_port_through_is_told(
    tools: Tools, tmp_path: Path, server: Peer
) -> None:
    with running_tinyproxy(tmp_path, port_only=443) as port:
        result = outcome(tools, server.port, by_proxy(port))
    assert (result.code, result.step) == ("proxy_denied", "proxy")
    assert "403" in result.facts["reply"]


@pytest.mark.parametrize("kind", ["proxy", "socks"])
def test_a_server_that_the_proxy_cannot_reach_is_told(
    tools: Tools, http_proxy: int, socks_proxy: int, kind: str
) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        closed = sock.getsockname()[1]
        port = http_proxy if kind == "proxy" else socks_proxy
        result = outcome(tools, closed, by_proxy(port, kind))
    assert (result.code, result.step) == ("proxy_target_unreachable", "proxy")
    assert result.facts["reply"]


def test_a_proxy_that_does_not_run_is_told(tools: Tools, server: Peer) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        result = outcome(tools, server.port, by_proxy(sock.getsockname()[1]))
    assert (result.code, result.step) == ("proxy_unreachable", "proxy")
    assert result.facts["reason"] == "refused"
    assert step_of(result, "tcp").state == "skipped"


def test_a_proxy_without_address_is_told(tmp_path: Path, server: Peer) -> None:
    with running_name_server({}) as name_server:
        tools = make_tools(tmp_path, dns_servers=(name_server,))
        result = outcome(tools, server.port, {"mail.smtp.socks.host": "proxy.example"})
    assert (result.code, result.step) == ("proxy_unreachable", "proxy")
    assert result.facts["reason"] == "host_not_found"


# where a proxy may be, and where it may lead


def test_a_proxy_that_may_not_be_reached_gets_no_packet(tmp_path: Path, server: Peer) -> None:
    tools = make_tools(tmp_path, allow=f"127.0.0.1/32:{server.port}")
    with running_peer(SmtpScript()) as proxy:
        result = outcome(tools, server.port, by_proxy(proxy.port))
    assert (result.code, result.step, result.facts.get("proxy")) == (
        "address_not_allowed", "config", None,
    )  # fmt: skip
    assert proxy.connections == 0


def test_no_proxy_is_asked_for_a_server_that_may_not_be_reached(
    tmp_path: Path, http_proxy: int, server: Peer
) -> None:
    tools = make_tools(tmp_path, allow=f"127.0.0.1/32:{http_proxy}")
    seen = server.connections
    result = outcome(tools, server.port, by_proxy(http_proxy))
    assert (result.code, result.step) == ("address_not_allowed", "config")
    assert server.connections == seen


async def echo_target(connection: Connection) -> None:
    await connection.line()
    while await connection.line():
        pass
    await connection.send("HTTP/1.1 200 here\r\nVia: me\r\n\r\n")
    await SmtpScript()(connection)


def test_a_name_that_only_the_proxy_knows_is_left_to_it(tools: Tools) -> None:
    with running_peer(echo_target) as proxy:
        answer = claim_answer(
            587, host="mail.inside.example", properties=by_proxy(proxy.port), **QUICK
        )
        result = probed(answer, tools)
    assert result.code == "ok"
    assert proxy.seen[0] == "CONNECT mail.inside.example:587 HTTP/1.1"
    assert step_of(result, "dns").detail["left_to"] == "proxy"
