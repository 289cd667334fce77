from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from events.codec import canonical_json, to_data
from events.diagnosis import render
from tests.support.smtp.peer import Connection, running_peer
from tests.support.smtp.probing import claim_answer, probed
from tests.support.smtp.script import PASSWORD, USER, SmtpScript

if TYPE_CHECKING:
    from services.conn_tester.tools import Tools

QUICK = {"timeout_ms": 400}


def script(*mechanisms: str, **answers: object) -> SmtpScript:
    extensions = (f"AUTH {' '.join(mechanisms)}",) if mechanisms else ("SIZE",)
    return SmtpScript(extensions=extensions, answers=answers)  # type: ignore[arg-type]  # text or behaviour


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_each_mechanism_signs_in_and_tells_a_wrong_password(tools: Tools, mechanism: str) -> None:
    with running_peer(script(mechanism)) as peer:
        assert probed(claim_answer(peer.port), tools).code == "ok"
        result = probed(claim_answer(peer.port, password="wrong"), tools)
    assert (result.code, result.step) == ("bad_credentials", "auth")
    assert result.reply is not None
    reply = result.reply
    assert (reply.code, reply.enhanced, reply.text) == (535, "5.7.8", "authentication failed")
    assert result.facts["user"] == USER


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_hint_quotes_the_server_once(tools: Tools, language: str) -> None:
    answer = "535-5.7.8 Authentication credentials invalid.\r\n535 5.7.8 See the help\r\n"
    with running_peer(script("PLAIN", AUTH=answer)) as peer:
        result = probed(claim_answer(peer.port), tools)
    _, hint = render(result.code, result.facts, language)
    assert hint.count("535") == hint.count("5.7.8") == 1
    assert "535 5.7.8 Authentication credentials invalid. See the help" in hint


@pytest.mark.parametrize(
    ("changes", "used"),
    [
        ({}, "PLAIN"),
        ({"mechanism": "LOGIN"}, "LOGIN"),
        ({"properties": {"mail.smtp.auth.mechanisms": "NTLM LOGIN PLAIN"}}, "LOGIN"),
    ],
)
def test_the_mechanism_is_chosen_by_setting_property_or_strength(
    tools: Tools, changes: dict[str, object], used: str
) -> None:
    with running_peer(script("LOGIN", "PLAIN")) as peer:
        result = probed(claim_answer(peer.port, **changes), tools)
    auth = next(step for step in result.steps if step.name == "auth")
    assert auth.detail == {"mechanism": used}


@pytest.mark.parametrize(
    ("offered", "changes", "code"),
    [
        ((), {}, "auth_not_offered"),
        (("GSSAPI", "NTLM"), {}, "no_common_mechanism"),
        (("XOAUTH2", "OAUTHBEARER"), {}, "oauth_required"),
        (("LOGIN",), {"mechanism": "PLAIN"}, "mechanism_not_offered"),
        (("PLAIN",), {"mechanism": "SCRAM-SHA-256"}, "mechanism_not_offered"),
        (("SCRAM-SHA-256-PLUS",), {}, "no_common_mechanism"),
        (("PLAIN",), {"mechanism": "XOAUTH2"}, "oauth_not_offered"),
        (("OAUTHBEARER",), {"mechanism": "XOAUTH2"}, "mechanism_not_offered"),
        (("PLAIN",), {"properties": {"mail.smtp.auth.mechanisms": "LOGIN"}}, "no_common_mechanism"),
    ],
)
def test_what_is_offered_decides_before_any_password_is_sent(
    tools: Tools, offered: tuple[str, ...], changes: dict[str, object], code: str
) -> None:
    with running_peer(script(*offered)) as peer:
        result = probed(claim_answer(peer.port, **changes), tools)
    assert (result.code, result.step) == (code, "auth")
    assert not any(line.startswith("AUTH") for line in peer.seen)


def test_the_old_form_of_the_offer_is_understood(tools: Tools) -> None:
    with running_peer(SmtpScript(extensions=("AUTH=LOGIN PLAIN",))) as peer:
        assert probed(claim_answer(peer.port), tools).code == "ok"


def test_a_server_that_offers_sign_in_only_under_tls_is_told_with_its_fix(tools: Tools) -> None:
    with running_peer(SmtpScript(extensions=("STARTTLS",))) as peer:
        result = probed(claim_answer(peer.port), tools)
    assert (result.code, result.fix) == ("auth_needs_tls", {"security": "starttls"})


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6\r\n", "bad_credentials"),
        (("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for "
         "the Tenant. Visit https://aka.ms/smtp_auth_disabled\r\n"), "smtp_auth_disabled"),
        ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled.\r\n",
         "basic_auth_disabled"),
        (("535 5.7.139 Authentication unsuccessful, user is locked by your organization's "
         "security defaults policy.\r\n"), "security_defaults"),
        (("535-5.7.139 Authentication unsuccessful, the user credentials were incorrect.\r\n"
         "535 5.7.139 goodbye\r\n"), "bad_credentials"),
        ("534-5.7.9 Application-specific password required.\r\n534 5.7.9 For more\r\n",
         "app_password_required"),
        (("534-5.7.14 <https://accounts.google.com/signin> Please log in via your web browser\r\n"
         "534 5.7.14 and then try again.\r\n"), "web_login_required"),
        ("535 Login Fail. Please enter your authorization code to login.\r\n",
         "app_password_required"),
        ("454 4.7.0 Temporary authentication failure\r\n", "temporary_auth_failure"),
        ("454 4.7.0 Too many login attempts, please try again later.\r\n", "throttled"),
        ("421 4.7.0 Too many errors\r\n", "throttled"),
        ("530 5.7.0 Must issue a STARTTLS command first\r\n", "auth_needs_tls"),
        ("538 5.7.11 Encryption required for requested authentication mechanism\r\n",
         "auth_needs_tls"),
        ("504 5.5.4 Unrecognized authentication type\r\n", "mechanism_refused"),
        ("534 5.7.9 Authentication mechanism is too weak\r\n", "mechanism_refused"),
        ("235-not\r\n236 consistent\r\n", "protocol_error"),
        ("334 \r\n", "protocol_error"),
        ("what?\r\n", "protocol_error"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_by_codes_and_text_together(tools: Tools, answer: str, code: str) -> None:
    with running_peer(script("PLAIN", AUTH=answer)) as peer:
        result = probed(claim_answer(peer.port), tools)
    assert (result.code, result.step) == (code, "auth")
    assert sum(line.startswith("AUTH") for line in peer.seen) == 1


@pytest.mark.parametrize("challenge", ["334 !!!\r\n", "334 VXNlcm5hbWU\r\n", "334 \xff\xfe\r\n"])
def test_a_challenge_that_is_no_base64_is_told(tools: Tools, challenge: str) -> None:
    with running_peer(script("LOGIN", AUTH=challenge)) as peer:
        result = probed(claim_answer(peer.port), tools)
    assert (result.code, result.step) == ("protocol_error", "auth")


async def hang_up(connection: Connection, _line: str) -> None:
    connection.writer.close()


async def say_nothing(connection: Connection, _line: str) -> None:
    await connection.gone()


async def endless(connection: Connection, _line: str) -> None:
    while True:
        await connection.send(b"235-and so on\r\n" * 500)


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [(hang_up, "closed_in_auth"), (say_nothing, "auth_timeout"), (endless, "auth_timeout")],
)
def test_a_sign_in_without_an_answer_is_told(tools: Tools, behaviour: object, code: str) -> None:
    with running_peer(script("PLAIN", AUTH=behaviour)) as peer:
        result = probed(claim_answer(peer.port, **QUICK), tools)
    assert (result.code, result.step) == (code, "auth")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_what_a_server_echoes_of_the_sign_in_is_scrubbed(tools: Tools, mechanism: str) -> None:
    async def echo(connection: Connection, line: str) -> None:
        if mechanism == "LOGIN":
            await connection.send("334 VXNlcm5hbWU6\r\n")
            await connection.line()
            await connection.send("334 UGFzc3dvcmQ6\r\n")
            line = await connection.line()
        await connection.send(f"535-5.7.8 you said {line}\r\n535 5.7.8 that is {PASSWORD}\r\n")

    with running_peer(script(mechanism, AUTH=echo)) as peer:
        result = probed(claim_answer(peer.port), tools)
    assert result.code == "bad_credentials"
    everything = canonical_json(to_data(result)).decode()
    blob = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    for secret in (PASSWORD, blob, b64encode(PASSWORD.encode()).decode(), blob[-16:-2]):
        assert secret not in everything
    assert "***" in everything


def test_the_transcript_shows_no_secret(tools: Tools) -> None:
    with running_peer(script("PLAIN")) as peer:
        result = probed(claim_answer(peer.port), tools)
    said = [line.text for line in result.transcript if line.sender == "client"]
    assert said == ["EHLO tester.acme.example", "AUTH PLAIN ***", "QUIT"]


def test_credentials_with_odd_characters_are_warned_of(tools: Tools) -> None:
    with running_peer(script("PLAIN")) as peer:
        result = probed(claim_answer(peer.port, user=USER + " ", password="\uff50ass"), tools)
    assert result.code == "bad_credentials"
    found = [warning for warning in result.warnings if warning.code == "odd_characters"]
    assert [warning.facts["field"] for warning in found] == ["user"]
