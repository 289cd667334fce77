from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING

import pytest

from tests.support.smtp.certificates import Authority
from tests.support.smtp.peer import Connection, running_peer
from tests.support.smtp.probing import claim_answer, probed, step_of
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from services.conn_tester.tools import Tools

QUICK = {"timeout_ms": 400}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.root()


@pytest.fixture
def server(authority: Authority) -> ssl.SSLContext:
    return authority.issue().context()


async def silent(connection: Connection) -> None:
    await connection.gone()


async def closing_after_hello(connection: Connection) -> None:
    await connection.read()


@pytest.mark.parametrize("security", ["starttls", "implicit_tls"])
def test_tls_with_a_private_authority_passes(
    tools: Tools, authority: Authority, server: ssl.SSLContext, security: str
) -> None:
    implicit = security == "implicit_tls"
    script = SmtpScript() if implicit else SmtpScript(starttls=server)
    with running_peer(script, tls=server if implicit else None) as peer:
        result = probed(claim_answer(peer.port, security=security, ca_pem=authority.pem), tools)
    assert result.code == "ok"
    assert result.warnings == ()
    assert result.tls is not None
    assert result.tls["version"] == "TLSv1.3"
    assert result.tls["certificate"]["names"] == ["mail.acme.example"]
    assert result.tls["certificate"]["issuer"] == "CN=Acme Root"
    detail = step_of(result, "tls").detail
    assert list(detail) == ["version", "cipher", "subject", "issuer", "not_after"]
    assert detail["not_after"] == result.tls["certificate"]["not_after"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", detail["not_after"])


@pytest.mark.parametrize("security", ["starttls", "none"])
def test_a_port_that_speaks_tls_at_once_is_told_with_its_fix(
    tools: Tools, server: ssl.SSLContext, security: str
) -> None:
    with running_peer(SmtpScript(), tls=server) as peer:
        result = probed(claim_answer(peer.port, security=security), tools)
    assert (result.code, result.step) == ("port_expects_tls", "banner")
    assert result.fix == {"security": "implicit_tls"}
    assert not any(line for line in peer.seen)


@pytest.mark.parametrize(("offers", "security"), [(True, "starttls"), (False, "none")])
def test_a_port_that_greets_in_plain_text_is_told_with_its_fix(
    tools: Tools, server: ssl.SSLContext, offers: bool, security: str
) -> None:
    with running_peer(SmtpScript(starttls=server if offers else None)) as peer:
        result = probed(claim_answer(peer.port, security="implicit_tls"), tools)
    assert (result.code, result.step) == ("port_expects_plain", "tls")
    assert result.fix == {"security": security}
    assert result.facts["reply"] == "220 mx.acme.example ESMTP ready"


def test_a_plain_port_that_greets_late_is_told_as_well(tools: Tools) -> None:
    async def greet_second_only(connection: Connection) -> None:
        if connection.number == 1:
            await connection.gone()
        await SmtpScript()(connection)

    with running_peer(greet_second_only) as peer:
        result = probed(claim_answer(peer.port, security="implicit_tls", **QUICK), tools)
    assert result.code == "port_expects_plain"


@pytest.mark.parametrize(
    ("greeting", "code", "step"),
    [
        (b"* OK IMAP ready\r\n", "not_smtp_imap", "banner"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not_smtp_http", "banner"),
        (b"\x00\x01garbage", "server_tls_broken", "tls"),
    ],
)
def test_what_is_no_tls_is_told_by_its_words(
    tools: Tools, greeting: bytes, code: str, step: str
) -> None:
    async def greet(connection: Connection) -> None:
        await connection.send(greeting)
        await connection.gone()

    with running_peer(greet) as peer:
        result = probed(claim_answer(peer.port, security="implicit_tls", **QUICK), tools)
    assert (result.code, result.step) == (code, step)


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [(silent, "handshake_timeout"), (closing_after_hello, "closed_in_handshake")],
)
def test_a_handshake_without_an_end_is_told(tools: Tools, behaviour: object, code: str) -> None:
    with running_peer(behaviour) as peer:  # type: ignore[arg-type]  # both are behaviours
        result = probed(claim_answer(peer.port, security="implicit_tls", **QUICK), tools)
    assert (result.code, result.step) == (code, "tls")


@pytest.mark.parametrize(
    ("extension", "code"),
    [("SIZE 100", "starttls_not_offered"), ("XXXXXXXA", "starttls_stripped")],
)
def test_without_starttls_nothing_goes_on_in_plain_text(
    tools: Tools, extension: str, code: str
) -> None:
    script = SmtpScript(extensions=("AUTH PLAIN LOGIN", extension))
    with running_peer(script) as peer:
        result = probed(claim_answer(peer.port, security="starttls"), tools)
    assert (result.code, result.step) == (code, "tls")
    assert [line for line in peer.seen if line] == ["EHLO tester.acme.example"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("454 4.7.0 TLS not available\r\n", "starttls_refused"),
        ("502 what\r\n", "starttls_refused"),
        ("nonsense\r\n", "server_tls_broken"),
        ("220 go\r\n235 welcome\r\n", "starttls_injection"),
    ],
)
def test_an_answer_to_starttls_is_judged(tools: Tools, answer: str, code: str) -> None:
    script = SmtpScript(extensions=("STARTTLS", "AUTH PLAIN"), answers={"STARTTLS": answer})
    with running_peer(script) as peer:
        result = probed(claim_answer(peer.port, security="starttls"), tools)
    assert (result.code, result.step) == (code, "tls")
    assert not any(line.startswith("AUTH") for line in peer.seen)


def test_plain_text_in_place_of_a_handshake_is_told(tools: Tools) -> None:
    async def go_on_in_plain(connection: Connection, _line: str) -> None:
        await connection.send("220 go\r\n")
        await connection.read()
        await connection.send("500 what was that\r\n")
        await connection.gone()

    script = SmtpScript(extensions=("STARTTLS",), answers={"STARTTLS": go_on_in_plain})
    with running_peer(script) as peer:
        result = probed(claim_answer(peer.port, security="starttls"), tools)
    assert (result.code, result.step) == ("server_tls_broken", "tls")
    assert result.facts["seen"] == "500 what was that"


def test_a_server_without_a_common_cipher_is_told(tools: Tools, authority: Authority) -> None:
    server = authority.issue().context()
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.set_ciphers("NULL:@SECLEVEL=0")
    with running_peer(SmtpScript(), tls=server) as peer:
        result = probed(claim_answer(peer.port, security="implicit_tls"), tools)
    assert (result.code, result.step) == ("no_common_cipher", "tls")
    assert result.facts["alert"] == "handshake failure"


@pytest.mark.parametrize("security", ["starttls", "implicit_tls"])
def test_a_server_that_wants_a_client_certificate_is_told(
    tools: Tools, authority: Authority, security: str
) -> None:
    server = authority.issue().context()
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(cadata=authority.pem)
    implicit = security == "implicit_tls"
    script = SmtpScript() if implicit else SmtpScript(starttls=server)
    with running_peer(script, tls=server if implicit else None) as peer:
        result = probed(claim_answer(peer.port, security=security, ca_pem=authority.pem), tools)
    assert result.code == "client_certificate_required"
    assert "certificate required" in result.facts["alert"]


def test_a_server_that_asks_for_a_client_certificate_and_hangs_up_is_told(
    tools: Tools, authority: Authority
) -> None:
    """As servers do that send no alert: the request for the certificate was seen all the same."""
    server = authority.issue().context()
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(cadata=authority.pem)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = server.wrap_bio(incoming, outgoing, server_side=True)

    async def ask_and_hang_up(connection: Connection) -> None:
        incoming.write(await connection.read())
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        await connection.send(outgoing.read())
        await connection.read()

    with running_peer(ask_and_hang_up) as peer:
        answer = claim_answer(peer.port, security="implicit_tls", ca_pem=authority.pem)
        result = probed(answer, tools)
    assert (result.code, result.step) == ("client_certificate_required", "tls")


def test_a_server_that_hangs_up_after_the_handshake_is_told(
    tools: Tools, authority: Authority, server: ssl.SSLContext
) -> None:
    async def hang_up(connection: Connection, _line: str) -> None:
        connection.writer.close()

    script = SmtpScript(starttls=server, answers={"EHLO TLS": hang_up})
    with running_peer(script) as peer:
        answer = claim_answer(peer.port, security="starttls", ca_pem=authority.pem)
        result = probed(answer, tools)
    assert (result.code, result.step) == ("closed_after_tls", "tls")
    assert result.facts["version"] == "TLSv1.3"


def test_what_was_offered_before_tls_is_forgotten(
    tools: Tools, authority: Authority, server: ssl.SSLContext
) -> None:
    script = SmtpScript(starttls=server, extensions_after_tls=("SIZE",))
    with running_peer(script) as peer:
        answer = claim_answer(peer.port, security="starttls", ca_pem=authority.pem)
        result = probed(answer, tools)
    assert (result.code, result.step) == ("auth_not_offered", "auth")
    ehlo = step_of(result, "ehlo").detail
    assert ehlo["extensions"] == ["PIPELINING", "AUTH", "STARTTLS"]
    assert ehlo["mechanisms"] == ["PLAIN", "LOGIN"]
    assert ehlo["extensions_after_tls"] == ["SIZE"]
    assert "mechanisms_after_tls" not in ehlo
    assert result.server is not None
    assert result.server["extensions"] == ["SIZE"]
