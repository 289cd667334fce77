"""Session properties about where to connect, from where, and how long to wait."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.ports import free_port
from tests.support.smtp.certificates import HOST, Authority
from tests.support.smtp.peer import Connection, Peer, running_peer
from tests.support.smtp.probing import claim_answer, probed, step_of
from tests.support.smtp.script import USER, SmtpScript
from tests.support.smtp.with_properties import client_lines, outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.conn_tester.tools import Tools


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.root()


@pytest.fixture(scope="module")
def plain() -> Iterator[Peer]:
    with running_peer(SmtpScript()) as peer:
        yield peer


def test_the_properties_name_another_host_port_and_user(tools: Tools, plain: Peer) -> None:
    properties = {"host": HOST, "port": hex(plain.port), "user": USER}
    changes = {"host": "elsewhere.example", "user": "somebody"}
    assert outcome(tools, 1, properties, **changes).code == "ok"


def test_a_port_that_java_cannot_read_is_its_default(tools: Tools) -> None:
    result = outcome(tools, 587, {"port": "587 "}, timeout_ms=300)
    assert (result.code, result.facts["port"]) == ("refused", 25)


def test_the_other_protocol_has_names_of_its_own(tools: Tools, authority: Authority) -> None:
    properties = {"mail.transport.protocol": "smtps", "mail.smtp.localhost": "unread.example"}
    tls = authority.issue().context()
    with running_peer(SmtpScript(), tls=tls) as peer:
        asked = properties | {"mail.smtps.localhost": "app.example"}
        result = outcome(tools, peer.port, asked, security="implicit_tls", ca_pem=authority.pem)
    assert result.code == "ok"
    assert "EHLO app.example" in client_lines(result)


def test_the_names_of_the_other_protocol_are_not_read(tools: Tools, plain: Peer) -> None:
    result = outcome(tools, plain.port, {"mail.smtps.localhost": "app.example"})
    assert "EHLO tester.acme.example" in client_lines(result)


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"localhost": "app.example", "localaddress": "127.0.0.1"}, "app.example"),
        ({"localaddress": "127.0.0.1"}, "127.0.0.1"),
        ({}, "tester.acme.example"),
    ],
)
def test_the_own_name_is_localhost_or_else_the_local_address(
    tools: Tools, plain: Peer, properties: dict[str, str], name: str
) -> None:
    assert f"EHLO {name}" in client_lines(outcome(tools, plain.port, properties))


def test_a_name_that_cannot_be_said_is_refused(tools: Tools, plain: Peer) -> None:
    result = outcome(tools, plain.port, {"localhost": "app\u200b.example"})
    assert (result.code, result.facts["field"]) == ("control_characters", "mail.smtp.localhost")


def test_the_connection_comes_from_the_local_port(tools: Tools) -> None:
    async def tell(connection: Connection) -> None:
        port = connection.writer.get_extra_info("peername")[1]
        await SmtpScript(banner=f"220 {port}\r\n")(connection)

    own = free_port()
    with running_peer(tell) as peer:
        for _ in range(2):  # the second time the port is still in TIME_WAIT
            result = outcome(tools, peer.port, {"localaddress": "127.0.0.1", "localport": str(own)})
            assert result.server is not None
            assert result.server["banner"] == str(own)


def test_a_local_port_in_use_is_told(tools: Tools, plain: Peer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        own = taken.getsockname()[1]
        properties = {"localaddress": "127.0.0.1", "localport": str(own)}
        result = outcome(tools, plain.port, properties)
    assert (result.code, result.step) == ("local_address_invalid", "tcp")
    assert result.facts["local_address"] == f"127.0.0.1:{own}"


def test_the_timeout_of_the_property_counts(tools: Tools) -> None:
    async def silent(connection: Connection) -> None:
        await connection.gone()

    with running_peer(silent) as peer:
        begun = time.monotonic()
        result = outcome(tools, peer.port, {"timeout": "300"}, timeout_ms=20_000)
    assert (result.code, result.facts["limit_ms"]) == ("no_greeting", 300)
    assert time.monotonic() - begun < 3


def test_a_connection_timeout_that_java_cannot_read_is_none(tools: Tools) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        with socket.create_connection(sock.getsockname()):
            result = outcome(
                tools, sock.getsockname()[1], {"connectiontimeout": "1s"},
                connection_timeout_ms=100, deadline_ms=1_000,
            )  # fmt: skip
    assert (result.code, result.facts["limit_ms"]) == ("connect_timeout", 500)


def test_the_warnings_that_come_with_the_claim_stand_in_the_result(
    tools: Tools, plain: Peer
) -> None:
    names = ("mail.smtp.starttls.enabled", "mail.smtp.conectiontimeout")
    told = [
        {"code": "unknown_property", "facts": {"name": name, "suggestion": None}} for name in names
    ]
    result = probed(claim_answer(plain.port) | {"warnings": told}, tools)
    assert [one.facts["name"] for one in result.warnings[:2]] == list(names)
    assert step_of(result, "config").state == "warned"
