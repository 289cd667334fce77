from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult

from tests.support.ports import free_port
from tests.support.smtp.fixtures import dovecot_submission, postfix, server_folder
from tests.support.smtp.probing import claim_answer, probed, step_of
from tests.support.smtp.script import PASSWORD, USER

if TYPE_CHECKING:
    from services.conn_tester.tools import Tools
    from tests.support.smtp.dovecot import Dovecot
    from tests.support.smtp.postfix import Postfix

__all__ = ["dovecot_submission", "postfix", "server_folder"]


def port_of(server: Dovecot | Postfix, security: str) -> int:
    return server.starttls_port if security == "starttls" else server.implicit_port


@pytest.mark.parametrize(
    "mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"]
)
@pytest.mark.parametrize("security", ["starttls", "implicit_tls"])
@pytest.mark.parametrize("name", ["dovecot_submission", "postfix"])
def test_a_right_and_a_wrong_password_are_told_apart(
    request: pytest.FixtureRequest, tools: Tools, name: str, security: str, mechanism: str
) -> None:
    server = request.getfixturevalue(name)
    answer = {
        "security": security, "ca_pem": server.authority.pem, "mechanism": mechanism,
        "timeout_ms": 15_000,
    }  # fmt: skip
    port = port_of(server, security)
    right = probed(claim_answer(port, **answer), tools)
    assert (right.code, right.warnings) == ("ok", ())
    assert right.tls is not None
    assert right.tls["certificate"]["names"] == ["mail.acme.example", "localhost", "127.0.0.1"]
    wrong = probed(claim_answer(port, password="wrong", **answer), tools)
    assert (wrong.code, wrong.step, wrong.verdict) == ("bad_credentials", "auth", "failed")
    assert wrong.reply is not None
    assert (wrong.reply.code, wrong.reply.enhanced) == (535, "5.7.8")


def test_the_best_mechanism_is_chosen_and_used_once(
    tools: Tools, dovecot_submission: Dovecot
) -> None:
    answer = {"security": "starttls", "ca_pem": dovecot_submission.authority.pem}
    result = probed(claim_answer(dovecot_submission.starttls_port, **answer), tools)
    assert result.code == "ok"
    assert step_of(result, "auth").detail == {"mechanism": "SCRAM-SHA-256"}
    said = [line.text for line in result.transcript if line.sender == "client"]
    assert said[3:] == ["AUTH SCRAM-SHA-256 ***", "***", "***", "QUIT"]


@pytest.mark.parametrize("name", ["dovecot_submission", "postfix"])
def test_an_unknown_authority_and_swapped_ports_are_told(
    request: pytest.FixtureRequest, tools: Tools, name: str
) -> None:
    server = request.getfixturevalue(name)
    unknown = probed(claim_answer(server.starttls_port, security="starttls"), tools)
    assert (unknown.code, unknown.facts["issuer"]) == ("cert_unknown_ca", "CN=Acme Root")
    silent = probed(claim_answer(server.implicit_port, security="starttls"), tools)
    assert (silent.code, silent.fix) == ("port_expects_tls", {"security": "implicit_tls"})
    plain = probed(claim_answer(server.starttls_port, security="implicit_tls"), tools)
    assert (plain.code, plain.fix) == ("port_expects_plain", {"security": "starttls"})


def test_a_sign_in_without_tls_is_refused_where_the_server_forbids_it(
    tools: Tools, postfix: Postfix
) -> None:
    result = probed(claim_answer(postfix.starttls_port, security="none"), tools)
    assert (result.code, result.fix) == ("auth_needs_tls", {"security": "starttls"})


def test_a_sign_in_without_tls_passes_with_warnings_where_the_server_allows_it(
    tools: Tools, postfix: Postfix
) -> None:
    result = probed(claim_answer(postfix.plain_port, security="none"), tools)
    assert result.code == "ok"
    assert {warning.code for warning in result.warnings} == {
        "not_encrypted", "password_without_tls",
    }  # fmt: skip


def test_aiosmtpd_passes(tools: Tools) -> None:
    def check(
        _server: object, _session: object, _envelope: object, _mechanism: str, data: object
    ) -> AuthResult:
        given = (getattr(data, "login", b"").decode(), getattr(data, "password", b"").decode())
        return AuthResult(success=given == (USER, PASSWORD), handled=False)

    controller = Controller(
        Sink(), hostname="127.0.0.1", port=free_port(), authenticator=check,
        auth_require_tls=False,
    )  # fmt: skip
    controller.start()
    try:
        assert probed(claim_answer(controller.port), tools).code == "ok"
        wrong = probed(claim_answer(controller.port, password="wrong"), tools)
    finally:
        controller.stop()
    assert wrong.code == "bad_credentials"
