from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import dns.rcode
import pytest

from tests.support.smtp.name_server import running_name_server
from tests.support.smtp.peer import running_peer
from tests.support.smtp.probing import claim_answer, make_tools, probed
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from pathlib import Path

    from events.connection_test import TestResult
    from tests.support.smtp.name_server import Zone

HOST = "smtp.acme.example"


def outcome_of(tmp_path: Path, zone: Zone, *, host: str, port: int, allow: str) -> TestResult:
    with running_name_server(zone) as server:
        tools = make_tools(tmp_path, hosts="", dns_servers=(server,), allow=allow)
        return probed(claim_answer(port, host=host), tools)


def concluded(tmp_path: Path, zone: Zone) -> TestResult:
    return outcome_of(tmp_path, zone, host=HOST, port=587, allow="127.0.0.0/8:*")


@pytest.mark.parametrize("host", [HOST, HOST + ".", "SMTP.acme.EXAMPLE", "alias.acme.example"])
def test_a_name_is_looked_up_and_its_address_is_dialled(tmp_path: Path, host: str) -> None:
    zone: Zone = {
        (HOST, "A"): ["127.0.0.1"],
        ("SMTP.acme.EXAMPLE", "A"): ["127.0.0.1"],
        ("alias.acme.example", "CNAME"): [HOST + "."],
    }
    with running_peer(SmtpScript()) as peer:
        result = outcome_of(tmp_path, zone, host=host, port=peer.port, allow="127.0.0.0/8:*")
    assert result.code == "ok"
    found = next(step for step in result.steps if step.name == "dns")
    assert found.detail == {"addresses": ["127.0.0.1"]}


def test_a_name_that_does_not_exist_is_told(tmp_path: Path) -> None:
    result = concluded(tmp_path, {("other.example", "A"): ["127.0.0.1"]})
    assert (result.code, result.step, result.facts["alias"]) == ("host_not_found", "dns", None)


def test_an_alias_of_a_name_that_does_not_exist_is_named(tmp_path: Path) -> None:
    result = concluded(tmp_path, {(HOST, "CNAME"): ["gone.provider.example."]})
    assert (result.code, result.facts["alias"]) == ("host_not_found", "gone.provider.example")


@pytest.mark.parametrize(
    ("host", "zone", "fix"),
    [
        ("smtp.gmial.com", {}, {"host": "smtp.gmail.com"}),
        ("smtp.ofice365.com", {}, {"host": "smtp.office365.com"}),
        ("stmp.acme.example", {("smtp.acme.example", "A"): ["127.0.0.1"]}, {"host": HOST}),
        (
            "smtp.acme.example",
            {("_submission._tcp.acme.example", "SRV"): ["0 1 587 mx.provider.example."]},
            {"host": "mx.provider.example", "port": 587, "security": "starttls"},
        ),
        ("mx.acme.example", {("acme.example", "MX"): ["10 in.acme.example."]},
         {"host": "in.acme.example"}),
        ("nobody.example", {}, None),
        ("unknown", {("smtp", "A"): ["127.0.0.1"]}, None),
    ],
)  # fmt: skip
def test_a_name_that_does_not_exist_leads_to_what_was_meant(
    tmp_path: Path, host: str, zone: Zone, fix: dict[str, object] | None
) -> None:
    result = outcome_of(tmp_path, zone, host=host, port=25, allow="127.0.0.0/8:*")
    assert (result.code, result.fix) == ("host_not_found", fix)
    assert result.facts["suggestion"] == (fix["host"] if fix else None)


def test_a_name_without_address_leads_to_what_the_domain_announces(tmp_path: Path) -> None:
    zone: Zone = {
        (HOST, "TXT"): ['"here"'],
        (f"_submissions._tcp.{HOST}", "SRV"): ["0 1 465 mx.provider.example."],
    }
    result = concluded(tmp_path, zone)
    assert (result.code, result.step) == ("host_has_no_address", "dns")
    assert result.facts["suggestion"] == "mx.provider.example"
    assert result.fix == {
        "host": "mx.provider.example", "port": 465, "security": "implicit_tls",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("extra", "suggestion"),
    [
        ({(f"mail.{HOST}", "A"): ["127.0.0.1"]}, f"mail.{HOST}"),
        ({(HOST, "MX"): ["20 b.example.", "10 a.example."]}, "a.example"),
        ({}, None),
    ],
)
def test_a_usual_name_or_the_mail_exchanger_is_suggested(
    tmp_path: Path, extra: Zone, suggestion: str | None
) -> None:
    zone: Zone = {(HOST, "TXT"): ['"here"'], **extra}
    result = concluded(tmp_path, zone)
    assert (result.code, result.facts["suggestion"]) == ("host_has_no_address", suggestion)
    assert result.fix == ({"host": suggestion} if suggestion else None)


@pytest.mark.parametrize("code", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_name_servers_that_fail_leave_the_question_open(
    tmp_path: Path, code: dns.rcode.Rcode
) -> None:
    result = concluded(tmp_path, {(HOST, "A"): code, (HOST, "AAAA"): code})
    assert (result.code, result.verdict) == ("dns_server_failure", "inconclusive")
    assert code.name in result.facts["answer"]


def test_a_loop_of_aliases_is_the_name_servers_failure(tmp_path: Path) -> None:
    other = "b.acme.example"
    result = concluded(tmp_path, {(HOST, "CNAME"): [other + "."], (other, "CNAME"): [HOST + "."]})
    assert result.code == "dns_server_failure"


def test_one_family_that_fails_does_not_matter_when_the_other_answers(tmp_path: Path) -> None:
    zone: Zone = {(HOST, "A"): ["127.0.0.1"], (HOST, "AAAA"): dns.rcode.SERVFAIL}
    with running_peer(SmtpScript()) as peer:
        result = outcome_of(tmp_path, zone, host=HOST, port=peer.port, allow="127.0.0.0/8:*")
    assert result.code == "ok"


@pytest.mark.parametrize(("known", "mute"), [("A", "AAAA"), ("AAAA", "A")])
def test_a_name_server_that_never_answers_for_one_family_costs_a_moment_only(
    tmp_path: Path, known: str, mute: str
) -> None:
    zone: Zone = {(HOST, known): ["127.0.0.1" if known == "A" else "::1"], (HOST, mute): None}
    with running_peer(SmtpScript(), host="127.0.0.1" if known == "A" else "::1") as peer:
        result = outcome_of(
            tmp_path, zone, host=HOST, port=peer.port, allow="127.0.0.0/8:*,[::1]/128:*"
        )
    assert result.code == "ok"
    duration_ms = next(step.duration_ms for step in result.steps if step.name == "dns")
    assert duration_ms is not None
    assert duration_ms < 4_000


def test_answers_cut_off_without_tcp_are_told_in_words(tmp_path: Path) -> None:
    with running_name_server({(HOST, "A"): ["127.0.0.1"]}, truncated=True) as server:
        tools = make_tools(tmp_path, hosts="", dns_servers=(server,))
        result = probed(claim_answer(587, host=HOST), tools)
    assert result.code == "dns_server_failure"
    assert result.facts["answer"] == f"TCP port {server[1]}: Connection refused"


def test_silent_name_servers_time_out(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        tools = make_tools(tmp_path, hosts="", dns_servers=(sock.getsockname(),))
        result = probed(claim_answer(587, host=HOST, deadline_ms=1500), tools)
    assert (result.code, result.verdict, result.facts["limit_ms"]) == (
        "dns_timeout", "inconclusive", 750,
    )  # fmt: skip


def test_a_name_that_leads_inside_is_refused_like_an_address(tmp_path: Path) -> None:
    zone: Zone = {(HOST, "A"): ["127.0.0.1"], (HOST, "AAAA"): ["64:ff9b::7f00:1"]}
    with running_peer(SmtpScript()) as peer:
        result = outcome_of(tmp_path, zone, host=HOST, port=peer.port, allow="")
    assert (result.code, result.step) == ("address_not_allowed", "config")
    assert peer.connections == 0
    assert "127.0.0.1" not in str(result.steps)
