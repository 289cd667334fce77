from __future__ import annotations

import time
from typing import TYPE_CHECKING

import dns.rcode
import pytest

from services.conn_tester.detect.search import MOST_CONNECTIONS
from tests.support.smtp.certificates import Authority
from tests.support.smtp.peer import Connection, running_peer
from tests.support.smtp.script import SmtpScript
from tests.support.smtp.searching import (
    DOMAIN,
    SMTP,
    Domain,
    checked,
    codes,
    found,
    noted,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def domain() -> Domain:
    made = Domain()
    made.at_loopback(SMTP)
    return made


def test_srv_records_lead_to_servers_that_are_looked_at(domain: Domain, tmp_path: Path) -> None:
    with domain.implicit_tls() as tls, domain.starttls() as starttls:
        domain.srv("submissions", f"0 1 {tls.port} {SMTP}.")
        domain.srv("submission", f"0 1 {starttls.port} {SMTP}.")
        result = checked(domain.searched(tmp_path))
    assert found(result) == [
        (SMTP, tls.port, "implicit_tls"),
        (SMTP, starttls.port, "starttls"),
    ]
    assert codes(result) == ["srv_record", "answered", "tls_checked", "sign_in_offered"]
    assert result.proposals[0].evidence[0].facts == {
        "name": f"_submissions._tcp.{DOMAIN}", "priority": 0, "weight": 1,
    }  # fmt: skip
    assert result.proposals[0].evidence[3].facts == {"mechanisms": ["PLAIN", "LOGIN"]}
    assert (tls.connections, starttls.connections) == (1, 1)
    assert not any("AUTH" in line for line in [*tls.seen, *starttls.seen])


def test_priority_comes_before_weight_and_both_before_the_port(
    domain: Domain, tmp_path: Path
) -> None:
    names = [f"{letter}.{DOMAIN}" for letter in "abc"]
    domain.at_loopback(*names)
    with domain.implicit_tls(*names) as tls:
        domain.srv(
            "submissions",
            f"20 9 {tls.port} a.{DOMAIN}.",
            f"10 1 {tls.port} b.{DOMAIN}.",
            f"10 5 {tls.port} c.{DOMAIN}.",
        )
        result = domain.searched(tmp_path)
    assert [host for host, _, _ in found(result)] == [
        f"c.{DOMAIN}", f"b.{DOMAIN}", f"a.{DOMAIN}",
    ]  # fmt: skip


def test_a_service_that_is_not_offered_is_not_guessed_either(
    domain: Domain, tmp_path: Path
) -> None:
    with domain.implicit_tls() as tls, domain.starttls() as starttls:
        domain.usual = [(tls.port, "implicit_tls"), (starttls.port, "starttls")]
        domain.srv("submission", "0 0 0 .")
        result = checked(domain.searched(tmp_path))
    assert found(result) == [(SMTP, tls.port, "implicit_tls")]
    assert noted(result) == ["service_not_offered"]
    assert result.notes[0].facts == {"name": f"_submission._tcp.{DOMAIN}"}
    assert starttls.connections == 0


def test_usual_names_are_tried_where_nothing_is_announced(domain: Domain, tmp_path: Path) -> None:
    domain.at_loopback(f"mail.{DOMAIN}")
    with domain.implicit_tls(SMTP, f"mail.{DOMAIN}") as tls, domain.starttls() as starttls:
        domain.usual = [(tls.port, "implicit_tls"), (starttls.port, "starttls")]
        result = checked(domain.searched(tmp_path))
    assert found(result) == [
        (SMTP, tls.port, "implicit_tls"),
        (f"mail.{DOMAIN}", tls.port, "implicit_tls"),
        (SMTP, starttls.port, "starttls"),
        (f"mail.{DOMAIN}", starttls.port, "starttls"),  # its certificate is for smtp alone
    ]
    assert codes(result)[0] == "usual_name"
    assert codes(result, 3)[-1] == "certificate_for_other_name"


def test_no_name_is_guessed_where_an_announced_server_works(domain: Domain, tmp_path: Path) -> None:
    domain.at_loopback(f"mail.{DOMAIN}")
    with domain.implicit_tls() as tls, domain.starttls(f"mail.{DOMAIN}") as other:
        domain.usual = [(other.port, "starttls")]
        domain.srv("submissions", f"0 1 {tls.port} {SMTP}.")
        assert len(domain.searched(tmp_path).proposals) == 1
    assert other.connections == 0


def test_the_exchanger_is_tried_for_handing_in_too(domain: Domain, tmp_path: Path) -> None:
    del domain.zone[SMTP, "A"]
    domain.at_loopback("mx.acme.example")
    domain.mx("10 mx.acme.example.")
    with domain.starttls("mx.acme.example") as starttls:
        domain.usual = [(starttls.port, "starttls")]
        result = checked(domain.searched(tmp_path))
    assert found(result) == [("mx.acme.example", starttls.port, "starttls")]
    assert codes(result)[0] == "mail_exchanger"


@pytest.mark.parametrize(
    ("exchanger", "expected"),
    [
        ("acme-example.mail.protection.outlook.com", [("smtp.office365.com", 587, "starttls")]),
        (
            "aspmx.l.google.com",
            [("smtp.gmail.com", 465, "implicit_tls"), ("smtp.gmail.com", 587, "starttls")],
        ),
    ],
)
def test_the_exchangers_name_the_provider(
    domain: Domain, tmp_path: Path, exchanger: str, expected: list[tuple[str, int, str]]
) -> None:
    domain.mx("20 backup.example.", f"10 {exchanger}.")
    domain.zone[expected[0][0], "A"] = ["127.0.0.1"]
    result = checked(domain.searched(tmp_path, allow=""))
    assert found(result) == expected
    assert codes(result) == ["provider_of_mx", "address_not_allowed"]
    assert result.proposals[0].evidence[0].facts["exchanger"] == exchanger


def test_a_server_that_does_not_answer_is_proposed_only_where_it_is_announced(
    domain: Domain, tmp_path: Path
) -> None:
    domain.srv("submissions", f"0 1 9 {SMTP}.", f"0 1 465 gone.{DOMAIN}.")
    domain.usual = [(9, "starttls")]
    result = checked(domain.searched(tmp_path))
    assert sorted((host, port) for host, port, _ in found(result)) == [
        (f"gone.{DOMAIN}", 465), (SMTP, 9),
    ]  # fmt: skip
    assert {codes(result, 0)[-1], codes(result, 1)[-1]} == {"name_without_address", "not_reached"}


def test_what_works_is_proposed_before_what_is_announced_but_flawed(
    domain: Domain, tmp_path: Path
) -> None:
    domain.at_loopback(f"mail.{DOMAIN}")
    with domain.implicit_tls("other.example") as flawed, domain.starttls(f"mail.{DOMAIN}") as good:
        domain.srv("submissions", f"0 1 {flawed.port} {SMTP}.")
        domain.usual = [(good.port, "starttls")]
        result = checked(domain.searched(tmp_path))
    assert found(result)[:2] == [
        (f"mail.{DOMAIN}", good.port, "starttls"),
        (SMTP, flawed.port, "implicit_tls"),
    ]
    assert codes(result, 1) == ["srv_record", "answered", "certificate_for_other_name"]


def test_a_server_without_encryption_is_proposed_as_such(domain: Domain, tmp_path: Path) -> None:
    with running_peer(SmtpScript(extensions=())) as plain:
        domain.usual = [(plain.port, "starttls")]
        result = checked(domain.searched(tmp_path))
    assert found(result) == [(SMTP, plain.port, "none")]
    assert codes(result) == ["usual_name", "answered", "starttls_not_offered", "no_sign_in"]


def test_a_private_authority_is_told_from_a_wrong_name(domain: Domain, tmp_path: Path) -> None:
    with Domain(root=Authority.root("Other Root")).implicit_tls() as tls:
        domain.srv("submissions", f"0 1 {tls.port} {SMTP}.")
        assert codes(checked(domain.searched(tmp_path)))[-1] == "certificate_not_trusted"


def test_a_domain_that_does_not_exist_is_told_at_once(tmp_path: Path) -> None:
    domain = Domain(
        zone={("other.example", "A"): ["127.0.0.1"], (DOMAIN, "TXT"): dns.rcode.NXDOMAIN}
    )
    domain.zone[DOMAIN, "MX"] = dns.rcode.NXDOMAIN
    result = checked(domain.searched(tmp_path))
    assert (found(result), noted(result)) == ([], ["domain_not_found"])


def test_name_servers_that_fail_leave_it_open(domain: Domain, tmp_path: Path) -> None:
    domain.zone[DOMAIN, "MX"] = dns.rcode.SERVFAIL
    assert noted(checked(domain.searched(tmp_path))) == ["name_servers_failed"]


def test_a_domain_that_takes_in_no_mail_may_still_send(domain: Domain, tmp_path: Path) -> None:
    domain.mx("0 .")
    with domain.implicit_tls() as tls:
        domain.usual = [(tls.port, "implicit_tls")]
        result = checked(domain.searched(tmp_path))
    assert (len(result.proposals), noted(result)) == (1, ["null_mx"])


def test_nothing_is_found_where_nothing_is(domain: Domain, tmp_path: Path) -> None:
    domain.usual = [(9, "starttls")]
    result = domain.searched(tmp_path)
    assert (result.proposals, result.notes) == ((), ())


def test_a_name_that_leads_inside_gets_no_packet(domain: Domain, tmp_path: Path) -> None:
    domain.zone[SMTP, "AAAA"] = ["64:ff9b::7f00:1"]
    with domain.implicit_tls() as tls:
        domain.srv("submissions", f"0 1 {tls.port} {SMTP}.")
        domain.usual = [(tls.port, "implicit_tls")]
        result = checked(domain.searched(tmp_path, allow="127.0.0.0/8:1"))
    assert tls.connections == 0
    assert codes(result) == ["srv_record", "address_not_allowed"]
    assert "127.0.0.1" not in str(result)


@pytest.mark.parametrize(
    "target", ["127.0.0.1.", "2130706433.", "a b.example.", "-x.example.", "localhost."]
)
def test_a_target_that_is_no_name_is_passed_over(
    domain: Domain, tmp_path: Path, target: str
) -> None:
    domain.srv("submissions", f"0 1 465 {target.replace(' ', chr(92) + '032')}")
    assert domain.searched(tmp_path).proposals == ()


def test_a_search_makes_twelve_connections_at_most(domain: Domain, tmp_path: Path) -> None:
    names = [f"n{number}.{DOMAIN}" for number in range(4)]
    domain.at_loopback(*names)
    domain.at_loopback(f"mail.{DOMAIN}", f"submission.{DOMAIN}")
    with domain.implicit_tls("other.example") as one, domain.starttls("other.example") as two:
        domain.srv("submissions", *(f"0 1 {one.port} {name}." for name in names))
        domain.srv("submission", *(f"0 1 {two.port} {name}." for name in names))
        domain.usual = [(one.port, "implicit_tls"), (two.port, "starttls")]
        domain.searched(tmp_path)
    assert one.connections + two.connections == MOST_CONNECTIONS


def test_what_was_found_is_kept_when_the_time_is_over(domain: Domain, tmp_path: Path) -> None:
    async def silent(connection: Connection) -> None:
        await connection.gone()

    with running_peer(silent) as mute, domain.implicit_tls() as tls:
        domain.srv("submissions", f"0 1 {tls.port} {SMTP}.")
        domain.srv("submission", f"0 1 {mute.port} {SMTP}.")
        begun = time.monotonic()
        result = checked(domain.searched(tmp_path, deadline_s=2.0))
        assert time.monotonic() - begun < 3.0
    assert found(result)[0] == (SMTP, tls.port, "implicit_tls")
    assert codes(result, 1)[-1] == "not_reached"


def test_a_search_that_cannot_end_in_time_says_so(domain: Domain, tmp_path: Path) -> None:
    async def dripping(connection: Connection) -> None:
        while True:
            await connection.send("220-")

    with running_peer(dripping) as endless:
        domain.srv("submission", f"0 1 {endless.port} {SMTP}.")
        begun = time.monotonic()
        result = checked(domain.searched(tmp_path, deadline_s=0.001))
        assert time.monotonic() - begun < 1.5
    assert noted(result) == ["deadline_exceeded"]
