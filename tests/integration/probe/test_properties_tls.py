"""Session properties about transport security."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.smtp.certificates import HOST, Authority, Wanted
from tests.support.smtp.peer import Peer, running_peer
from tests.support.smtp.probing import make_tools, step_of
from tests.support.smtp.script import SmtpScript
from tests.support.smtp.with_properties import client_lines, outcome, warned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from services.conn_tester.tools import Tools


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.root()


@pytest.fixture(scope="module")
def plain() -> Iterator[Peer]:
    with running_peer(SmtpScript()) as peer:
        yield peer


@pytest.fixture(scope="module")
def starttls(authority: Authority) -> Iterator[Peer]:
    with running_peer(SmtpScript(starttls=authority.issue().context())) as peer:
        yield peer


@pytest.fixture(scope="module")
def implicit(authority: Authority) -> Iterator[Peer]:
    with running_peer(SmtpScript(), tls=authority.issue().context()) as peer:
        yield peer


def test_starttls_may_be_used_or_demanded_without_the_setting(
    tools: Tools, authority: Authority, plain: Peer, starttls: Peer
) -> None:
    optional, required = {"starttls.enable": "true"}, {"starttls.required": "true"}
    for properties in (optional, required):
        result = outcome(tools, starttls.port, properties, ca_pem=authority.pem)
        assert (result.code, step_of(result, "tls").state) == ("ok", "passed")
        assert warned(result) == set()
    result = outcome(tools, plain.port, optional)
    assert (result.code, warned(result)) == ("ok", {"not_encrypted", "password_without_tls"})
    assert outcome(tools, plain.port, required).code == "starttls_not_offered"


def test_optional_starttls_that_breaks_is_an_error(tools: Tools, starttls: Peer) -> None:
    result = outcome(tools, starttls.port, {"starttls.enable": "true"})
    assert (result.code, result.step) == ("cert_unknown_ca", "tls")
    assert result.tls is not None
    assert result.tls["certificate"]["names"] == [HOST]


def test_the_old_idiom_for_implicit_tls_has_a_port_of_its_own(
    tools: Tools, authority: Authority, implicit: Peer
) -> None:
    properties = {
        "socketFactory.class": "javax.net.ssl.SSLSocketFactory",
        "socketFactory.port": str(implicit.port),
    }
    changes = {"security": "implicit_tls", "ca_pem": authority.pem}
    assert outcome(tools, 1, properties, **changes).code == "ok"


@pytest.mark.parametrize("security", ["starttls", "implicit_tls"])
def test_with_trust_in_everybody_no_certificate_is_checked(
    tools: Tools, starttls: Peer, implicit: Peer, security: str
) -> None:
    port = (starttls if security == "starttls" else implicit).port
    result = outcome(tools, port, {"ssl.trust": "*"}, security=security)
    assert (result.code, warned(result)) == ("ok", {"certificate_not_verified"})


def test_trust_does_not_cover_another_name(tmp_path: Path, authority: Authority) -> None:
    server = authority.issue(Wanted(names=("other.example", "*.wild.example"))).context()
    tools = make_tools(tmp_path, hosts=f"127.0.0.1 {HOST} a.wild.example a.b.wild.example\n")
    with running_peer(SmtpScript(), tls=server) as peer:
        asked: dict[str, Any] = {"security": "implicit_tls"}
        result = outcome(tools, peer.port, {"ssl.trust": "*"}, **asked)
        assert (result.code, result.facts["names"]) == (
            "cert_wrong_host", ["other.example", "*.wild.example"],
        )  # fmt: skip
        careless = {"ssl.trust": "*", "ssl.checkserveridentity": "false"}
        result = outcome(tools, peer.port, careless, **asked)
        assert (result.code, warned(result)) == (
            "ok", {"certificate_not_verified", "identity_not_checked"},
        )  # fmt: skip
        for host, code in (("a.wild.example", "ok"), ("a.b.wild.example", "cert_wrong_host")):
            result = outcome(tools, peer.port, {"ssl.trust": "*"}, host=host, **asked)
            assert result.code == code


@pytest.mark.parametrize(
    ("trusted", "code"),
    [
        (f"other.example {HOST}", "ok"),
        ("other.example", "not_in_trust_list"),
        (HOST.upper(), "not_in_trust_list"),
        (f"{HOST},other.example", "not_in_trust_list"),
    ],
)
def test_a_list_of_trusted_hosts_replaces_every_check(
    tools: Tools, authority: Authority, implicit: Peer, trusted: str, code: str
) -> None:
    changes: dict[str, Any] = {"security": "implicit_tls", "ca_pem": authority.pem}
    result = outcome(tools, implicit.port, {"ssl.trust": trusted}, **changes)
    assert result.code == code
    assert not any(line.startswith("AUTH") for line in client_lines(result)) or code == "ok"


def test_the_name_in_the_certificate_may_be_left_unchecked(
    tools: Tools, authority: Authority
) -> None:
    server = authority.issue(Wanted(names=("other.example",))).context()
    off = {"ssl.checkserveridentity": "false"}
    with running_peer(SmtpScript(), tls=server) as peer:
        asked: dict[str, Any] = {"security": "implicit_tls", "ca_pem": authority.pem}
        result = outcome(tools, peer.port, off, **asked)
        assert (result.code, warned(result)) == ("ok", {"identity_not_checked"})
        assert outcome(tools, peer.port, off, security="implicit_tls").code == "cert_unknown_ca"
        odd = {"ssl.checkserveridentity": "no"}
        assert outcome(tools, peer.port, odd, **asked).code == "cert_wrong_host"


@pytest.mark.parametrize(
    ("suites", "agreed"),
    [
        (
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            ("TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        ),
        (
            "TLS_RSA_WITH_AES_128_CBC_SHA TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            ("TLSv1.2", "ECDHE-ECDSA-CHACHA20-POLY1305"),
        ),
        ("TLS_AES_256_GCM_SHA384", ("TLSv1.3", "TLS_AES_256_GCM_SHA384")),
    ],
)
def test_cipher_suites_have_their_names_in_java(
    tools: Tools, authority: Authority, implicit: Peer, suites: str, agreed: tuple[str, str]
) -> None:
    changes: dict[str, Any] = {"security": "implicit_tls", "ca_pem": authority.pem}
    result = outcome(tools, implicit.port, {"ssl.ciphersuites": suites}, **changes)
    assert result.code == "ok"
    assert result.tls is not None
    assert (result.tls["version"], result.tls["cipher"]) == agreed


def test_a_suite_outside_the_list_is_told(
    tools: Tools, authority: Authority, implicit: Peer
) -> None:
    changes: dict[str, Any] = {"security": "implicit_tls", "ca_pem": authority.pem}
    suites = "TLS_AES_128_CCM_SHA256"
    result = outcome(tools, implicit.port, {"ssl.ciphersuites": suites}, **changes)
    assert (result.code, warned(result)) == ("ok", {"cipher_outside_list"})


def test_suites_that_do_not_fit_are_told(
    tools: Tools, authority: Authority, implicit: Peer
) -> None:
    changes: dict[str, Any] = {"security": "implicit_tls", "ca_pem": authority.pem}
    remedy = {"session_properties": {"mail.smtp.ssl.ciphersuites": None}}
    rsa = {"ssl.ciphersuites": "TLS_RSA_WITH_AES_128_CBC_SHA"}  # the certificate has no such key
    result = outcome(tools, implicit.port, rsa, **changes)
    assert (result.code, result.fix) == ("no_common_cipher", remedy)
    newest = {"ssl.ciphersuites": "TLS_AES_128_GCM_SHA256", "ssl.protocols": "TLSv1.2"}
    assert outcome(tools, implicit.port, newest, **changes).code == "no_common_cipher"
    openssl = {"ssl.ciphersuites": "ECDHE-RSA-AES128-SHA"}
    result = outcome(tools, implicit.port, openssl, **changes)
    assert (result.code, result.facts["value"]) == ("cipher_unknown", "ECDHE-RSA-AES128-SHA")


def test_a_list_that_leaves_out_the_servers_version_is_the_thing_to_change(
    tools: Tools, authority: Authority
) -> None:
    server = authority.issue().context()
    server.minimum_version = ssl.TLSVersion.TLSv1_3
    suites = {"ssl.ciphersuites": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}
    with running_peer(SmtpScript(), tls=server) as peer:
        result = outcome(tools, peer.port, suites, security="implicit_tls", ca_pem=authority.pem)
    assert result.code == "protocol_version"
    assert result.fix == {"session_properties": {"mail.smtp.ssl.ciphersuites": None}}


def test_a_fix_changes_the_property_that_decides(tools: Tools, authority: Authority) -> None:
    server = authority.issue().context()
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    with running_peer(SmtpScript(), tls=server) as peer:
        properties = {"ssl.protocols": "SSLv2Hello TLSv1.3"}
        result = outcome(tools, peer.port, properties, security="implicit_tls")
    assert result.code == "protocol_version"
    assert result.fix == {"session_properties": {"mail.smtp.ssl.protocols": "TLSv1.2"}}
