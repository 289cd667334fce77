"""Session properties about what is said, and to whom."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from tests.support.smtp.certificates import Authority
from tests.support.smtp.peer import Connection, Peer, running_peer
from tests.support.smtp.script import PASSWORD, USER, SmtpScript
from tests.support.smtp.with_properties import client_lines, outcome, warned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.conn_tester.tools import Tools

ADDRESSES = {"mail_from": USER, "rcpt_to": "tester@other.example"}


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


def test_helo_alone_hears_of_no_extensions(tools: Tools, plain: Peer, starttls: Peer) -> None:
    remedy = {"session_properties": {"mail.smtp.ehlo": None}}
    result = outcome(tools, plain.port, {"ehlo": "FALSE"})
    assert (result.code, result.fix) == ("auth_not_offered", remedy)
    assert {"helo_only", "java_skips_sign_in"} <= warned(result)
    assert "HELO tester.acme.example" in client_lines(result)
    result = outcome(tools, starttls.port, {"ehlo": "false"}, security="starttls")
    assert (result.code, result.fix) == ("starttls_not_offered", remedy)
    result = outcome(tools, plain.port, {"ehlo": "no"})  # Java reads only the word false
    assert result.code == "ok"


def test_the_envelope_has_the_sender_of_the_property(tools: Tools) -> None:
    with running_peer(SmtpScript()) as peer:
        properties = {"from": "bounces@acme.example"}
        result = outcome(tools, peer.port, properties, depth="send", **ADDRESSES)
    assert result.code == "ok"
    assert "MAIL FROM:<bounces@acme.example>" in peer.seen
    assert f"From: {USER}" in peer.seen


@pytest.mark.parametrize(
    ("value", "said"), [("<>", "<>"), ("<b@acme.example>", "<b@acme.example>")]
)
def test_a_sender_may_stand_in_its_brackets(
    tools: Tools, plain: Peer, value: str, said: str
) -> None:
    result = outcome(tools, plain.port, {"from": value}, depth="envelope", **ADDRESSES)
    assert f"MAIL FROM:{said}" in client_lines(result)


def test_a_sender_with_parameters_of_its_own_does_not_reach_the_wire(
    tools: Tools, plain: Peer
) -> None:
    properties = {"from": "a@acme.example> SIZE=1"}
    result = outcome(tools, plain.port, properties, depth="envelope", **ADDRESSES)
    assert (result.code, result.facts["field"]) == ("control_characters", "mail.smtp.from")


def test_utf8_is_announced_where_it_may_be(tools: Tools) -> None:
    script = SmtpScript(extensions=("AUTH PLAIN", "SMTPUTF8"))
    with running_peer(script) as peer:
        properties = {"mail.mime.allowutf8": "true"}
        result = outcome(tools, peer.port, properties, depth="envelope", **ADDRESSES)
    assert f"MAIL FROM:<{USER}> SMTPUTF8" in client_lines(result)


async def without_farewell(connection: Connection, _line: str) -> None:
    await connection.gone()


def test_nobody_waits_for_the_farewell_who_need_not(tools: Tools) -> None:
    with running_peer(SmtpScript(answers={"QUIT": without_farewell})) as peer:
        result = outcome(tools, peer.port, {"quitwait": "false"})
        assert (result.code, result.warnings[0].code) == ("ok", "not_encrypted")
        assert "quit_no_answer" not in warned(result)
        assert client_lines(result)[-1] == "QUIT"
        result = outcome(tools, peer.port, {"timeout": "300"})
    assert "quit_no_answer" in warned(result)


@pytest.mark.parametrize(("value", "says_it"), [("true", True), ("false", False)])
def test_a_rejected_session_is_left_as_the_property_says(
    tools: Tools, value: str, *, says_it: bool
) -> None:
    with running_peer(SmtpScript(banner="554 no\r\n")) as peer:
        result = outcome(tools, peer.port, {"quitonsessionreject": value})
    assert result.code == "refused_by_policy"
    assert ("QUIT" in client_lines(result)) is says_it


@pytest.mark.parametrize(
    ("properties", "command", "complains"),
    [
        ({"noop.strict": "true"}, "NOOP", True),
        ({"noop.strict": "false"}, "NOOP", False),
        ({"userset": "true"}, "RSET", False),
    ],
)
def test_an_open_connection_is_asked_for_as_the_properties_say(
    tools: Tools, properties: dict[str, str], command: str, *, complains: bool
) -> None:
    with running_peer(SmtpScript(answers={"NOOP": "500 what\r\n"})) as peer:
        result = outcome(tools, peer.port, properties)
    assert result.code == "ok"
    assert client_lines(result)[-2:] == [command, "QUIT"]
    assert ("noop_refused" in warned(result)) is complains


@pytest.mark.parametrize("by_setting", [True, False])
def test_the_dialogue_is_logged_for_debug_and_tells_no_secret(
    tools: Tools, *, by_setting: bool
) -> None:
    properties = {} if by_setting else {"mail.debug": "true"}

    async def echoing(connection: Connection, line: str) -> None:
        await connection.send(f"535 5.7.8 no \x1b[31m {line} {PASSWORD}\r\n")

    with running_peer(SmtpScript(answers={"AUTH": echoing})) as peer, capture_logs() as logs:
        result = outcome(tools, peer.port, properties, debug=by_setting)
    assert result.code == "bad_credentials"
    told = [entry for entry in logs if entry["event"] == "dialogue"]
    assert [(entry["sender"], entry["text"]) for entry in told] == [
        (line.sender, line.text) for line in result.transcript
    ]
    assert {"test_id": "t-1", "attempt": 1, "log_level": "info"}.items() <= told[0].items()
    blob = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    assert not any(secret in str(logs) for secret in (PASSWORD, blob, "\x1b"))
    assert all(any(word in entry["text"] for entry in told) for word in ("***", "\\x1b"))


def test_without_debug_no_dialogue_is_logged(tools: Tools, plain: Peer) -> None:
    with capture_logs() as logs:
        outcome(tools, plain.port, {"mail.debug": "yes"})
    assert logs == []
