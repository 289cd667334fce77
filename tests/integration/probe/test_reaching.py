from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.support.smtp.peer import Connection, running_peer
from tests.support.smtp.probing import claim_answer, make_tools, probed
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from pathlib import Path

    from services.conn_tester.tools import Tools


def test_a_port_where_nothing_listens_is_refused(tools: Tools) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        result = probed(claim_answer(sock.getsockname()[1]), tools)
    assert (result.code, result.step) == ("refused", "tcp")
    assert result.facts["addresses"] == ["127.0.0.1"]


def test_a_port_that_swallows_packets_times_out(tools: Tools) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        with socket.create_connection(sock.getsockname()):  # the queue of one is full
            answer = claim_answer(sock.getsockname()[1], connection_timeout_ms=300)
            result = probed(answer, tools)
    assert (result.code, result.step) == ("connect_timeout", "tcp")
    assert result.facts["limit_ms"] == 300


def test_an_address_of_another_machine_cannot_be_the_local_one(tools: Tools) -> None:
    with running_peer(SmtpScript()) as peer:
        properties = {"mail.smtp.localaddress": "192.0.2.77"}
        result = probed(claim_answer(peer.port, properties=properties), tools)
    assert (result.code, result.step) == ("local_address_invalid", "tcp")
    assert peer.connections == 0


def test_the_local_address_of_the_session_property_is_used(tools: Tools) -> None:
    async def tell(connection: Connection) -> None:
        name = connection.writer.get_extra_info("peername")[0]
        await SmtpScript(banner=f"220 {name}\r\n")(connection)

    with running_peer(tell) as peer:
        properties = {"mail.smtp.localaddress": "127.0.0.9"}
        result = probed(claim_answer(peer.port, properties=properties), tools)
    assert result.server is not None
    assert result.server["banner"] == "127.0.0.9"


def test_an_address_that_fails_is_warned_of_when_another_works(tmp_path: Path) -> None:
    hosts = "127.0.0.2 mail.acme.example\n127.0.0.1 mail.acme.example\n"
    with running_peer(SmtpScript()) as peer:
        result = probed(claim_answer(peer.port), make_tools(tmp_path, hosts=hosts))
    assert result.code == "ok"
    assert ("address_failed", ["127.0.0.2"]) in [
        (warning.code, warning.facts.get("addresses")) for warning in result.warnings
    ]


def test_a_broken_ipv6_address_is_warned_of_when_ipv4_works(tmp_path: Path) -> None:
    hosts = "::1 mail.acme.example\n127.0.0.1 mail.acme.example\n"
    with running_peer(SmtpScript()) as peer:
        result = probed(claim_answer(peer.port), make_tools(tmp_path, hosts=hosts))
    assert result.code == "ok"
    assert "ipv6_broken" in {warning.code for warning in result.warnings}


def test_an_ipv6_address_that_swallows_packets_costs_a_head_start(tmp_path: Path) -> None:
    hosts = "::1 mail.acme.example\n127.0.0.1 mail.acme.example\n"
    with running_peer(SmtpScript()) as peer, socket.socket(socket.AF_INET6) as dead:
        dead.bind(("::1", peer.port))
        dead.listen(0)
        with socket.create_connection(("::1", peer.port)):  # the queue of one is full
            result = probed(claim_answer(peer.port), make_tools(tmp_path, hosts=hosts))
    assert (result.code, result.server and result.server["address"]) == ("ok", "127.0.0.1")
    broken = next(one for one in result.warnings if one.code == "ipv6_broken")
    assert broken.facts["addresses"] == ["::1"]
    assert 200 <= broken.facts["cost_ms"] <= 2_000


@pytest.mark.parametrize(
    "host",
    [
        "[::ffff:127.0.0.1]", "64:ff9b::7f00:1", "64:ff9b:1::a9fe:a9fe", "2002:7f00:1::1", "::1",
        "::127.0.0.1", "0.0.0.1", "169.254.169.254", "168.63.129.16", "fd00:ec2::254",
        "100.100.100.200", "224.0.0.1", "255.255.255.255", "fe80::1", "2001:0:4136:e378::1",
    ],
)  # fmt: skip
def test_every_form_of_what_may_not_be_reached_has_the_same_answer(
    tmp_path: Path, host: str
) -> None:
    named = make_tools(tmp_path, hosts=f"{host.strip('[]')} mail.acme.example\n", allow="")
    told = set()
    for asked in (host, "mail.acme.example"):
        result = probed(claim_answer(587, host=asked), named)
        steps = tuple((step.name, step.state, str(step.detail)) for step in result.steps)
        told.add((result.code, result.step, steps, result.reply, result.fix, str(result.server)))
        assert set(result.facts) == {"host", "port", "security"}
    assert len(told) == 1
    assert told.pop()[0] == "address_not_allowed"


@pytest.mark.parametrize(
    "host", ["127.1", "0177.0.0.1", "\uff11\uff12\uff17.0.0.1", "127.0.0.1\x00.example"]
)
def test_odd_spellings_of_addresses_are_no_names(tmp_path: Path, host: str) -> None:
    result = probed(claim_answer(587, host=host), make_tools(tmp_path, allow=""))
    assert result.code in {"host_invalid", "control_characters"}
    assert result.step == "config"


@pytest.mark.parametrize("host", ["127.0.0.1", "mail.acme.example"])
def test_an_address_that_may_not_be_reached_gets_no_packet(tmp_path: Path, host: str) -> None:
    with running_peer(SmtpScript()) as peer:
        result = probed(claim_answer(peer.port, host=host), make_tools(tmp_path, allow=""))
    assert (result.code, result.step, result.verdict) == (
        "address_not_allowed", "config", "inconclusive",
    )  # fmt: skip
    assert peer.connections == 0
    assert {step.state for step in result.steps if step.name != "config"} == {"skipped"}


def test_one_address_that_may_not_be_reached_refuses_the_whole_name(tmp_path: Path) -> None:
    hosts = "127.0.0.1 mail.acme.example\n127.0.0.2 mail.acme.example\n"
    tools = make_tools(tmp_path, hosts=hosts, allow="127.0.0.1/32:*")
    with running_peer(SmtpScript()) as peer:
        result = probed(claim_answer(peer.port), tools)
    assert result.code == "address_not_allowed"
    assert peer.connections == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"host": ""}, "host_missing"),
        ({"host": "a..b"}, "host_invalid"),
        ({"host": "2130706433"}, "host_invalid"),
        ({"host": "0x7f.0x1"}, "host_invalid"),
        ({"host": "x" * 64 + ".example"}, "host_invalid"),
        ({"host": "mail\n.example"}, "control_characters"),
        ({"user": "mailer\r\nRSET"}, "control_characters"),
        ({"password": "pass\x00word"}, "control_characters"),
        ({"port": 0}, "port_invalid"),
        ({"tls_protocols": ["TLSv1.4"]}, "protocol_unknown"),
        ({"properties": {"mail.smtp.ssl.protocols": "SSLv3"}}, "protocol_unknown"),
        ({"user": None}, "credentials_missing"),
        ({"password": None}, "credentials_missing"),
    ],
)
def test_a_setting_that_cannot_work_gets_no_packet(
    tools: Tools, changes: dict[str, object], code: str
) -> None:
    with running_peer(SmtpScript()) as peer:
        answer = claim_answer(peer.port, **changes)
        result = probed(answer, tools)
    assert (result.code, result.step) == (code, "config")
    assert peer.connections == 0


def test_a_setting_with_an_access_token_without_provider_is_told(tools: Tools) -> None:
    changes = {"method": "access_token", "provider_id": "m365", "password": None}
    with running_peer(SmtpScript()) as peer:
        result = probed(claim_answer(peer.port, **changes), tools)
    assert (result.code, result.step, result.verdict) == ("provider_unknown", "token", "failed")
