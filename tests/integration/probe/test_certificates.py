from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from services.conn_tester.diagnosis.certificate import Refused, judge_certificate
from tests.support.smtp.certificates import DAY, Authority, Issued, Wanted, issue
from tests.support.smtp.peer import running_peer
from tests.support.smtp.probing import claim_answer, make_tools, probed, step_of
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from pathlib import Path

    from events.connection_test import TestResult
    from services.conn_tester.tools import Tools

CLIENT_AUTH = x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.root()


def outcome_with(
    tools: Tools, issued: Issued, *, ca_pem: str | None, security: str = "starttls",
    host: str = "mail.acme.example",
) -> TestResult:  # fmt: skip
    context = issued.context()
    implicit = security == "implicit_tls"
    script = SmtpScript() if implicit else SmtpScript(starttls=context)
    with running_peer(script, tls=context if implicit else None) as peer:
        answer = claim_answer(peer.port, security=security, ca_pem=ca_pem, host=host)
        result = probed(answer, tools)
    assert not any(line.startswith("AUTH") for line in peer.seen) or result.code == "ok"
    return result


@pytest.mark.parametrize("security", ["starttls", "implicit_tls"])
@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted(begins=-9 * DAY, ends=-DAY), "cert_expired"),
        (Wanted(begins=DAY, ends=9 * DAY), "cert_not_yet_valid"),
        (Wanted(names=("smtp.other.example",)), "cert_wrong_host"),
        (Wanted(purposes=(CLIENT_AUTH,)), "cert_wrong_purpose"),
        (Wanted(rsa_bits=1024), "cert_weak"),
    ],
)
def test_a_bad_certificate_is_told_by_what_is_bad(
    tools: Tools, authority: Authority, wanted: Wanted, code: str, security: str
) -> None:
    issued = authority.issue(wanted)
    result = outcome_with(tools, issued, ca_pem=authority.pem, security=security)
    assert (result.code, result.step, result.verdict) == (code, "tls", "failed")
    assert result.tls is not None
    assert result.tls["certificate"]["issuer"] == "CN=Acme Root"
    assert list(step_of(result, "tls").detail) == ["subject", "issuer", "not_after"]


def test_the_facts_name_dates_names_purposes_and_weakness(
    tools: Tools, authority: Authority
) -> None:
    expired = authority.issue(Wanted(begins=-9 * DAY, ends=-DAY))
    result = outcome_with(tools, expired, ca_pem=authority.pem)
    ended = expired.certificate.not_valid_after_utc
    assert result.facts["not_after"] == ended.strftime("%Y-%m-%dT%H:%M:%SZ")
    other = authority.issue(Wanted(names=("a.example", "192.0.2.7")))
    assert outcome_with(tools, other, ca_pem=authority.pem).facts["names"] == [
        "a.example",
        "192.0.2.7",
    ]
    client = authority.issue(Wanted(purposes=(CLIENT_AUTH,)))
    facts = outcome_with(tools, client, ca_pem=authority.pem).facts
    assert facts["purposes"] == ["client authentication"]
    weak = authority.issue(Wanted(rsa_bits=1024))
    assert outcome_with(tools, weak, ca_pem=authority.pem).facts["weakness"] == "1024 bits"


def test_a_self_signed_certificate_is_told_and_can_be_trusted(tools: Tools) -> None:
    issued = issue(Wanted())
    result = outcome_with(tools, issued, ca_pem=None)
    assert result.code == "cert_self_signed"
    assert outcome_with(tools, issued, ca_pem=issued.pem).code == "ok"


@pytest.mark.parametrize("with_root", [True, False])
def test_an_unknown_authority_is_named(tools: Tools, authority: Authority, with_root: bool) -> None:
    issued = authority.issue()
    if with_root:
        issued = Issued(
            certificate=issued.certificate, key=issued.key, chain=(authority.issued.certificate,)
        )
    result = outcome_with(tools, issued, ca_pem=None)
    assert (result.code, result.facts["issuer"]) == ("cert_unknown_ca", "CN=Acme Root")


def test_an_intermediate_of_an_unknown_authority_leads_to_the_root(
    tools: Tools, authority: Authority
) -> None:
    result = outcome_with(tools, authority.intermediate().issue(), ca_pem=None)
    assert (result.code, result.facts["issuer"]) == ("cert_unknown_ca", "CN=Acme Root")


def test_a_chain_without_its_intermediate_is_told(tools: Tools, authority: Authority) -> None:
    issued = authority.intermediate().issue(with_chain=False)
    result = outcome_with(tools, issued, ca_pem=authority.pem)
    assert (result.code, result.facts["issuer"]) == ("cert_chain_incomplete", "CN=Acme Issuing")


def test_a_chain_with_the_anchor_instead_of_the_intermediate_is_told(
    tools: Tools, authority: Authority
) -> None:
    """The authority is known to the setting: its certificate is not what is missing."""
    below = authority.intermediate("Department").issue(with_chain=False)
    issued = replace(below, chain=(authority.issued.certificate,))
    result = outcome_with(tools, issued, ca_pem=authority.pem)
    assert (result.code, result.facts["issuer"]) == ("cert_chain_incomplete", "CN=Department")


def test_a_chain_that_breaks_off_higher_up_is_told(tools: Tools, authority: Authority) -> None:
    between = authority.intermediate("Acme Policy")
    issued = between.intermediate("Acme Mail").issue()
    whole = outcome_with(tools, issued, ca_pem=authority.pem)
    assert whole.code == "ok"
    broken = replace(issued, chain=issued.chain[:1])
    result = outcome_with(tools, broken, ca_pem=authority.pem)
    assert (result.code, result.facts["issuer"]) == ("cert_chain_incomplete", "CN=Acme Policy")


@pytest.mark.parametrize(
    ("verify_code", "code"),
    [
        (10, "cert_expired"),
        (62, "cert_wrong_host"),
        (18, "cert_self_signed"),
        (20, "cert_unknown_ca"),
    ],
)
def test_what_is_refused_is_told_even_where_the_certificate_is_not_seen_again(
    verify_code: int, code: str
) -> None:
    refused = Refused(verify_code=verify_code, chain=(), private_ca=(), now=datetime.now(UTC))
    assert judge_certificate(refused).code == code


def test_a_public_certificate_without_its_intermediate_is_told(
    tools: Tools, authority: Authority
) -> None:
    wanted = Wanted(issuer_address="http://pki.example/issuing.crt")
    issued = authority.intermediate().issue(wanted, with_chain=False)
    assert outcome_with(tools, issued, ca_pem=None).code == "cert_chain_incomplete"


def test_a_whole_chain_passes_and_is_shown(tools: Tools, authority: Authority) -> None:
    result = outcome_with(tools, authority.intermediate().issue(), ca_pem=authority.pem)
    assert result.code == "ok"
    assert result.tls is not None
    chain = result.tls["certificate"]["chain"]
    assert [one["subject"] for one in chain] == ["CN=Acme Issuing"]


def test_an_intermediate_alone_is_an_anchor_too(tools: Tools, authority: Authority) -> None:
    issuing = authority.intermediate()
    issued = issuing.issue(with_chain=False)
    assert outcome_with(tools, issued, ca_pem=issuing.pem).code == "ok"


def test_an_address_is_checked_against_the_certificates_addresses(
    tools: Tools, authority: Authority
) -> None:
    right = authority.issue(Wanted(names=("127.0.0.1",)))
    assert outcome_with(tools, right, ca_pem=authority.pem, host="127.0.0.1").code == "ok"
    wrong = outcome_with(tools, authority.issue(), ca_pem=authority.pem, host="127.0.0.1")
    assert wrong.code == "cert_wrong_host"


def test_a_wildcard_covers_one_label(tools: Tools, authority: Authority) -> None:
    wildcard = authority.issue(Wanted(names=("*.acme.example",)))
    assert outcome_with(tools, wildcard, ca_pem=authority.pem).code == "ok"
    deeper = authority.issue(Wanted(names=("*.example",)))
    assert outcome_with(tools, deeper, ca_pem=authority.pem).code == "cert_wrong_host"


@pytest.mark.parametrize(("days", "warned"), [(20, True), (30, False)])
def test_a_certificate_that_ends_soon_is_warned_of(
    tools: Tools, authority: Authority, days: int, warned: bool
) -> None:
    issued = authority.issue(Wanted(ends=days * DAY + timedelta(hours=1)))
    result = outcome_with(tools, issued, ca_pem=authority.pem)
    assert result.code == "ok"
    found = [warning.facts["days"] for warning in result.warnings]
    assert found == ([days] if warned else [])


def test_a_certificate_with_a_common_name_alone_is_warned_of(
    tools: Tools, authority: Authority
) -> None:
    result = outcome_with(tools, authority.issue(Wanted(names=None)), ca_pem=authority.pem)
    assert result.code == "ok"
    assert [warning.code for warning in result.warnings] == ["cert_without_san"]


def test_the_deployments_own_anchor_is_trusted(tmp_path: Path, authority: Authority) -> None:
    tools = make_tools(tmp_path, extra_ca_pem=authority.pem)
    assert outcome_with(tools, authority.issue(), ca_pem=None).code == "ok"


def test_a_chain_below_the_deployments_own_anchor_is_told_as_incomplete(
    tmp_path: Path, authority: Authority
) -> None:
    tools = make_tools(tmp_path, extra_ca_pem=authority.pem)
    issued = authority.intermediate().issue(with_chain=False)
    assert outcome_with(tools, issued, ca_pem=None).code == "cert_chain_incomplete"


def test_another_authority_is_no_missing_intermediate(tools: Tools, authority: Authority) -> None:
    issued = Authority.root("Wholly Different Root").issue()
    assert outcome_with(tools, issued, ca_pem=authority.pem).code == "cert_unknown_ca"
    namesake = Authority.root().issue()  # of the same name, and yet another
    assert outcome_with(tools, namesake, ca_pem=authority.pem).code == "cert_unknown_ca"
