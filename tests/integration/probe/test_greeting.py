from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support.smtp.peer import Connection, running_peer
from tests.support.smtp.probing import claim_answer, probed
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from services.conn_tester.tools import Tools

QUICK = {"timeout_ms": 400}


async def silent(connection: Connection) -> None:
    await connection.gone()


async def closing(_connection: Connection) -> None:
    return


async def resetting(connection: Connection) -> None:
    await asyncio.sleep(0.05)
    connection.reset()


async def endless(connection: Connection) -> None:
    while True:
        await connection.send(b"220-and so on\r\n" * 500)


async def dripping(connection: Connection) -> None:
    for character in "220 mx.acme.example ESMTP" + "." * 1000:
        await connection.send(character)
        await asyncio.sleep(0.05)


async def without_line_end(connection: Connection) -> None:
    while True:
        await connection.send(b"220 " + b"x" * 60_000)


def test_a_good_server_passes(tools: Tools) -> None:
    with running_peer(SmtpScript()) as peer:
        result = probed(claim_answer(peer.port), tools)
    assert (result.code, result.step, result.verdict) == ("ok", "quit", "passed")
    assert {warning.code for warning in result.warnings} == {
        "not_encrypted",
        "password_without_tls",
    }
    assert result.server == {
        "address": "127.0.0.1",
        "banner": "mx.acme.example ESMTP ready",
        "extensions": ["PIPELINING", "AUTH PLAIN LOGIN"],
        "mechanisms": ["PLAIN", "LOGIN"],
    }
    assert peer.seen[0] == "EHLO tester.acme.example"
    states = {step.name: step.state for step in result.steps}
    assert states["auth"] == "warned"
    assert [name for name, state in states.items() if state == "skipped"] == [
        "proxy", "tls", "token", "mail", "rcpt", "data",
    ]  # fmt: skip


def test_live_steps_grow_with_the_attempt(tools: Tools) -> None:
    told: list[tuple[object, ...]] = []
    with running_peer(SmtpScript()) as peer:
        probed(claim_answer(peer.port), tools, told=told)  # type: ignore[arg-type]  # only read
    reached = [sum(step.state != "skipped" for step in steps) for steps in told]  # type: ignore[attr-defined]  # steps
    assert reached == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (silent, "no_greeting"),
        (closing, "closed_before_greeting"),
        (resetting, "connection_reset"),
        (endless, "too_slow"),
        (dripping, "too_slow"),
        (without_line_end, "too_slow"),
    ],
)
def test_a_server_without_a_greeting_is_told_by_how_it_fails(
    tools: Tools, behaviour: object, code: str
) -> None:
    with running_peer(behaviour) as peer:  # type: ignore[arg-type]  # all are behaviours
        result = probed(claim_answer(peer.port, **QUICK), tools)
    assert (result.code, result.step) == (code, "banner")


@pytest.mark.parametrize(
    ("greeting", "code"),
    [
        ("554 5.7.1 no service for you\r\n", "refused_by_policy"),
        ("421 4.3.2 service shutting down\r\n", "temporarily_unavailable"),
        ("450 busy\r\n", "temporarily_unavailable"),
        ("421 4.7.0 too many connections from you\r\n", "too_many_connections"),
        ("* OK IMAP4rev1 ready\r\n", "not_smtp_imap"),
        ("+OK POP3 ready\r\n", "not_smtp_pop3"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "not_smtp_ssh"),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "not_smtp_http"),
        ("hello there\r\n", "not_smtp"),
        ("J\x00\x00\x00\x0a5.7.42-mysql\x00", "not_smtp"),
    ],
)
def test_a_greeting_is_judged(tools: Tools, greeting: str, code: str) -> None:
    async def greet(connection: Connection) -> None:
        await connection.send(greeting)
        await connection.gone()

    with running_peer(greet) as peer:
        result = probed(claim_answer(peer.port, **QUICK), tools)
    assert (result.code, result.step) == (code, "banner")
    if result.reply is not None:
        assert result.reply.code == int(greeting[:3])


def test_an_ftp_server_is_told_by_its_banner_and_its_refusal(tools: Tools) -> None:
    script = SmtpScript(
        banner="220 (vsFTPd 3.0.3)\r\n",
        answers={"EHLO": "530 Please login with USER and PASS.\r\n"},
    )
    with running_peer(script) as peer:
        result = probed(claim_answer(peer.port), tools)
    assert (result.code, result.step) == ("not_smtp_ftp", "banner")
    states = {step.name: step.state for step in result.steps}
    assert (states["banner"], states["ehlo"]) == ("failed", "skipped")


def test_a_web_server_is_told_by_its_answer_to_a_client_hello(tools: Tools) -> None:
    async def web(connection: Connection) -> None:
        await connection.read()
        await connection.send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    with running_peer(web) as peer:
        result = probed(claim_answer(peer.port, **QUICK), tools)
    assert result.code == "not_smtp_http"


def test_a_banner_with_escape_sequences_is_shown_escaped_and_short(tools: Tools) -> None:
    script = SmtpScript(banner="220 \x1b[31mred\x1b[0m <script> \u202e " + "x" * 900 + "\r\n")
    with running_peer(script) as peer:
        result = probed(claim_answer(peer.port), tools)
    assert result.server is not None
    banner = result.server["banner"]
    assert banner.startswith("\\x1b[31mred\\x1b[0m <script> \\u202e xxx")
    assert len(banner) == 512
    assert all(len(line.text) <= 512 and line.text.isprintable() for line in result.transcript)


def test_lines_that_end_in_lf_alone_are_warned_of(tools: Tools) -> None:
    with running_peer(SmtpScript(banner="220 mx.acme.example\n")) as peer:
        result = probed(claim_answer(peer.port), tools)
    assert result.code == "ok"
    assert "bare_lf" in {warning.code for warning in result.warnings}


def test_a_server_that_knows_only_helo_is_warned_of(tools: Tools) -> None:
    script = SmtpScript(answers={"EHLO": "502 unknown command\r\n"})
    with running_peer(script) as peer:
        result = probed(claim_answer(peer.port, method="none"), tools)
    assert result.code == "ok"
    assert [warning.code for warning in result.warnings] == ["helo_fallback", "not_encrypted"]


async def hang_up(connection: Connection, _line: str) -> None:
    connection.writer.close()


async def reset(connection: Connection, _line: str) -> None:
    connection.reset()


async def say_nothing(connection: Connection, _line: str) -> None:
    await connection.gone()


@pytest.mark.parametrize(
    ("answer", "code", "step"),
    [
        ("550 5.7.1 bad HELO name\r\n", "ehlo_name_refused", "ehlo"),
        ("501 Syntactically invalid EHLO argument(s)\r\n", "ehlo_name_refused", "ehlo"),
        ("421 4.3.2 shutting down\r\n", "temporarily_unavailable", "ehlo"),
        ("25O what\r\n", "protocol_error", "ehlo"),
        ("250-a\r\n251 b\r\n", "protocol_error", "ehlo"),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "not_smtp_http", "banner"),
        ("250-" + "x" * 40_000 + "\r\n", "too_slow", "ehlo"),
        (hang_up, "closed_after_ehlo", "ehlo"),
        (reset, "connection_reset", "ehlo"),
        (say_nothing, "reply_timeout", "ehlo"),
    ],
)
def test_an_answer_to_ehlo_is_judged(tools: Tools, answer: object, code: str, step: str) -> None:
    script = SmtpScript(answers={"EHLO": answer})  # type: ignore[dict-item]  # text or behaviour
    with running_peer(script) as peer:
        result = probed(claim_answer(peer.port, **QUICK), tools)
    assert (result.code, result.step) == (code, step)


def test_the_name_of_the_session_property_is_said(tools: Tools) -> None:
    with running_peer(SmtpScript()) as peer:
        properties = {"mail.smtp.localhost": "app01.acme.example"}
        probed(claim_answer(peer.port, properties=properties), tools)
    assert peer.seen[0] == "EHLO app01.acme.example"


def test_a_quit_without_an_answer_is_only_warned_of(tools: Tools) -> None:
    script = SmtpScript(answers={"QUIT": hang_up})
    with running_peer(script) as peer:
        result = probed(claim_answer(peer.port), tools)
    assert result.code == "ok"
    assert "quit_no_answer" in {warning.code for warning in result.warnings}


def test_the_depth_connect_does_not_sign_in(tools: Tools) -> None:
    with running_peer(SmtpScript()) as peer:
        result = probed(claim_answer(peer.port, depth="connect", password=None), tools)
    assert result.code == "ok"
    assert [line.partition(" ")[0] for line in peer.seen if line] == ["EHLO", "QUIT"]


def test_the_deadline_ends_a_test_and_names_the_slow_step(tools: Tools) -> None:
    async def late(connection: Connection, _line: str) -> None:
        await asyncio.sleep(1.2)
        await connection.send("250-mx\r\n250 AUTH PLAIN\r\n")

    async def greet_late(connection: Connection) -> None:
        await asyncio.sleep(0.8)
        await SmtpScript(answers={"EHLO": late, "AUTH": say_nothing})(connection)

    with running_peer(greet_late) as peer:
        result = probed(claim_answer(peer.port, deadline_ms=3_000), tools)
    assert (result.code, result.verdict) == ("deadline_exceeded", "inconclusive")
    assert result.step == result.facts["slowest"] == "ehlo"
    assert result.facts["limit_ms"] == 3_000
