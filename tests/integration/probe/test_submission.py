from __future__ import annotations

import email
import email.policy
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller

from tests.support.ports import free_port
from tests.support.smtp.fixtures import dovecot_submission, postfix, server_folder
from tests.support.smtp.peer import Connection, running_peer
from tests.support.smtp.probing import claim_answer, probed, step_of
from tests.support.smtp.script import USER, SmtpScript

if TYPE_CHECKING:
    from events.connection_test import TestResult
    from services.conn_tester.tools import Tools
    from tests.support.smtp.postfix import Postfix

__all__ = ["dovecot_submission", "postfix", "server_folder"]

TO = "tester@other.example"


def submitted(tools: Tools, port: int, depth: str = "send", **changes: Any) -> TestResult:
    addresses = {"mail_from": USER, "rcpt_to": TO}
    return probed(claim_answer(port, depth=depth, **(addresses | changes)), tools)


def said(seen: list[str]) -> list[str]:
    return [line.partition(" ")[0] for line in seen if line]


def test_an_envelope_is_asked_for_and_taken_back(tools: Tools) -> None:
    with running_peer(SmtpScript()) as peer:
        result = submitted(tools, peer.port, "envelope")
    assert (result.code, result.step) == ("ok", "quit")
    assert said(peer.seen) == ["EHLO", "AUTH", "MAIL", "RCPT", "RSET", "QUIT"]
    assert peer.seen[2:4] == [f"MAIL FROM:<{USER}>", f"RCPT TO:<{TO}>"]
    states = {step.name: step.state for step in result.steps}
    assert (states["mail"], states["rcpt"], states["data"]) == ("passed", "passed", "skipped")


def test_one_message_is_sent(tools: Tools) -> None:
    with running_peer(SmtpScript()) as peer:
        result = submitted(tools, peer.port, x_mailer="Acme Mailer ü")
    assert result.code == "ok"
    assert said(peer.seen)[:5] == ["EHLO", "AUTH", "MAIL", "RCPT", "DATA"]
    begun = peer.seen.index("DATA") + 1
    content = "\r\n".join(peer.seen[begun : peer.seen.index(".")])
    message = email.message_from_string(content, policy=email.policy.default)
    assert (message["From"], message["To"]) == (USER, TO)
    assert (message["Auto-Submitted"], message["X-Mailer"]) == ("auto-generated", "Acme Mailer ü")
    assert message["Message-ID"] == step_of(result, "data").detail["message_id"]
    assert message["Message-ID"].endswith("@acme.example>")
    assert {"Date", "Subject", "MIME-Version"} <= set(message.keys())
    assert content.isascii()
    noted = [line.text for line in result.transcript if line.sender == "client"]
    assert noted[-3:] == [f"[{len(content) + 2} bytes]", ".", "QUIT"]


@pytest.mark.parametrize(
    ("verb", "answer", "code", "step"),
    [
        ("MAIL", "530 5.7.0 Authentication required\r\n", "auth_required", "mail"),
        ("RCPT", "554 5.7.1 Relay access denied\r\n", "relay_denied", "rcpt"),
        ("RCPT", "450 4.2.0 Greylisted\r\n", "greylisted", "rcpt"),
        ("DATA", "554 5.5.1 no valid recipients\r\n", "content_rejected", "data"),
        ("DATA", "250 what\r\n", "protocol_error", "data"),
        (".", "554 5.7.1 spam\r\n", "content_rejected", "data"),
        (".", "what?\r\n", "protocol_error", "data"),
        ("MAIL", "what?\r\n", "protocol_error", "mail"),
    ],
)
def test_a_refusal_is_told_at_its_step(
    tools: Tools, verb: str, answer: str, code: str, step: str
) -> None:
    with running_peer(SmtpScript(answers={verb: answer})) as peer:
        result = submitted(tools, peer.port)
    assert (result.code, result.step) == (code, step)
    assert said(peer.seen).count("RCPT") <= 1


async def hang_up(connection: Connection, _line: str) -> None:
    connection.writer.close()


async def say_nothing(connection: Connection, _line: str) -> None:
    await connection.gone()


@pytest.mark.parametrize(
    ("verb", "behaviour", "code", "step"),
    [
        ("MAIL", hang_up, "connection_reset", "mail"),
        ("RCPT", say_nothing, "reply_timeout", "rcpt"),
        ("DATA", hang_up, "closed_in_data", "data"),
        (".", hang_up, "closed_in_data", "data"),
        (".", say_nothing, "reply_timeout", "data"),
    ],
)
def test_a_server_that_does_not_answer_is_told_and_not_asked_again(
    tools: Tools, verb: str, behaviour: Any, code: str, step: str
) -> None:
    with running_peer(SmtpScript(answers={verb: behaviour})) as peer:
        result = submitted(tools, peer.port, timeout_ms=400)
    assert (result.code, result.step) == (code, step)
    assert peer.connections == 1
    assert said(peer.seen).count("DATA") <= 1


def test_an_address_that_is_not_ascii_needs_smtputf8(tools: Tools) -> None:
    with running_peer(SmtpScript()) as peer:
        result = submitted(tools, peer.port, rcpt_to="田中@other.example")
    assert (result.code, result.step) == ("smtputf8_not_offered", "mail")
    assert result.facts["address"] == "田中@other.example"
    assert "MAIL" not in said(peer.seen)


def test_a_control_character_in_an_address_never_reaches_the_wire(tools: Tools) -> None:
    with running_peer(SmtpScript()) as peer:
        result = submitted(tools, peer.port, rcpt_to="b\r\nDATA@other.example")
    assert (result.code, result.facts["field"]) == ("control_characters", "rcpt_to")
    assert peer.connections == 0


class Kept:
    """Keeps what aiosmtpd takes."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    async def handle_DATA(  # noqa: N802 -- the name that aiosmtpd looks for
        self, _server: object, _session: object, envelope: Any
    ) -> str:
        self.taken.append(envelope)
        return "250 OK"


@pytest.mark.parametrize("address", ["tanaka@other.example", "田中@other.example"])
def test_aiosmtpd_takes_the_message_with_and_without_utf8(tools: Tools, address: str) -> None:
    handler = Kept()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=True)
    controller.start()
    try:
        result = submitted(
            tools, controller.port, method="none", password=None, user=None, rcpt_to=address
        )
    finally:
        controller.stop()
    assert result.code == "ok"
    [envelope] = handler.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == (USER, [address])
    assert f"To: {address}\r\n".encode() in envelope.content
    assert envelope.smtp_utf8 is not address.isascii()


def test_postfix_takes_a_message_of_who_has_signed_in(tools: Tools, postfix: Postfix) -> None:
    secured: dict[str, Any] = {"security": "starttls", "ca_pem": postfix.authority.pem}
    sent = submitted(tools, postfix.starttls_port, **secured)
    assert (sent.code, sent.step) == ("ok", "quit")
    assert step_of(sent, "data").detail["reply"].startswith("250 2.0.0 Ok: queued as ")


@pytest.mark.parametrize(
    ("changes", "code", "step"),
    [
        ({"method": "none", "user": None, "password": None}, "relay_denied", "rcpt"),
        ({"mail_from": "boss@acme.example"}, "sender_not_allowed", "rcpt"),
    ],
)
def test_postfix_refuses_strangers_and_other_senders(
    tools: Tools, postfix: Postfix, changes: dict[str, Any], code: str, step: str
) -> None:
    secured: dict[str, Any] = {"security": "starttls", "ca_pem": postfix.authority.pem}
    result = submitted(tools, postfix.starttls_port, "envelope", **secured, **changes)
    assert (result.code, result.step) == (code, step)
