from __future__ import annotations

import ssl
import warnings
from typing import TYPE_CHECKING

import pytest

from tests.support.smtp.certificates import Authority
from tests.support.smtp.peer import running_peer
from tests.support.smtp.probing import claim_answer, probed
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from services.conn_tester.tools import Tools


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.root()


def limited(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    return context


def test_versions_without_overlap_are_told_with_both_sides(
    tools: Tools, authority: Authority
) -> None:
    server = limited(authority.issue().context(), ssl.TLSVersion.TLSv1_2)
    with running_peer(SmtpScript(starttls=server)) as peer:
        answer = claim_answer(
            peer.port, security="starttls", ca_pem=authority.pem, tls_protocols=["TLSv1.3"]
        )
        result = probed(answer, tools)
    assert (result.code, result.step) == ("protocol_version", "tls")
    assert (result.facts["allowed"], result.facts["accepted"]) == (["TLSv1.3"], ["TLSv1.2"])
    assert result.fix == {"tls_protocols": ["TLSv1.2"]}


def test_an_old_server_is_no_reason_to_advise_old_versions(
    tools: Tools, authority: Authority
) -> None:
    server = limited(authority.issue().context(), ssl.TLSVersion.TLSv1)
    with running_peer(SmtpScript(), tls=server) as peer:
        result = probed(claim_answer(peer.port, security="implicit_tls"), tools)
    assert result.code == "protocol_version"
    assert (result.facts["allowed"], result.facts["accepted"], result.fix) == (
        ["TLSv1.2", "TLSv1.3"], ["TLSv1"], None,
    )  # fmt: skip


@pytest.mark.parametrize("by_property", [True, False])
def test_an_old_version_that_the_setting_allows_is_warned_of(
    tools: Tools, authority: Authority, by_property: bool
) -> None:
    server = limited(authority.issue().context(), ssl.TLSVersion.TLSv1_1)
    versions: dict[str, object] = (
        {"properties": {"mail.smtp.ssl.protocols": "TLSv1.1 TLSv1.2"}}
        if by_property
        else {"tls_protocols": ["TLSv1.1"]}
    )
    with running_peer(SmtpScript(starttls=server)) as peer:
        answer = claim_answer(peer.port, security="starttls", ca_pem=authority.pem, **versions)
        result = probed(answer, tools)
    assert result.code == "ok"
    assert [warning.code for warning in result.warnings] == ["old_protocol"]


_REFUSED_VERSION = "421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade to TLS 1.2.\r\n"


@pytest.mark.parametrize(
    ("words", "verb", "step"),
    [
        (_REFUSED_VERSION, "EHLO TLS", "tls"),
        (_REFUSED_VERSION, "AUTH", "auth"),
        (_REFUSED_VERSION, "MAIL", "mail"),
        ("530 5.7.0 Your client must use TLS v1.2 or better\r\n", "AUTH", "auth"),
        ("554 TLS version too old\r\n", "EHLO TLS", "tls"),
    ],
)
def test_a_version_that_the_server_agrees_to_and_refuses_in_words_is_told(
    tools: Tools, authority: Authority, words: str, verb: str, step: str
) -> None:
    """As Microsoft 365 does, so that it can say why."""
    server = authority.issue().context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        server.minimum_version = ssl.TLSVersion.TLSv1
    server.set_ciphers("ALL:@SECLEVEL=0")
    with running_peer(SmtpScript(starttls=server, answers={verb: words})) as peer:
        answer = claim_answer(
            peer.port, security="starttls", ca_pem=authority.pem, tls_protocols=["TLSv1"],
            depth="envelope", mail_from="a@acme.example", rcpt_to="b@acme.example",
        )  # fmt: skip
        result = probed(answer, tools)
    assert (result.code, result.step) == ("protocol_version", step)
    assert result.fix == {"tls_protocols": ["TLSv1.2", "TLSv1.3"]}
    assert result.reply is not None
    assert result.facts["reply"].startswith(words[:3])


def test_an_attempt_makes_at_most_twelve_connections(tools: Tools) -> None:
    old = limited(Authority.root().issue().context(), ssl.TLSVersion.TLSv1)
    with running_peer(SmtpScript(starttls=old)) as peer:
        probed(claim_answer(peer.port, security="starttls"), tools)
    assert 1 < peer.connections <= 12
