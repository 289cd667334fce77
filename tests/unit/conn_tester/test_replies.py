"""Real servers' real words (`replies/`), each held to the code that names its cause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from events.diagnosis import render
from services.conn_tester.diagnosis.auth import judge_refused_sign_in
from services.conn_tester.diagnosis.greeting import judge_greeting
from services.conn_tester.diagnosis.submission import Submission, judge_submission
from services.conn_tester.reply import ServerReply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.conn_tester.diagnosis.submission import Part

_FOLDER = Path(__file__).parent / "replies"
_LINE = re.compile(r"[2-5]\d\d[ -](.*)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a server says, and which code that is; `under` are words in brackets behind its name."""

    server: str
    under: str
    reply: ServerReply
    code: str


def told(kind: str) -> Iterator[Said]:
    for line in (_FOLDER / f"{kind}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        code, server, words = line.split(" | ", 2)
        lines = words.split("\\n")
        texts = [match[1] for match in map(_LINE.fullmatch, lines) if match]
        assert len(texts) == len(lines), line
        yield Said(
            server=server,
            under=server.partition("[")[2],
            reply=ServerReply(code=int(words[:3]), lines=tuple(texts)),
            code=code,
        )


def each(kind: str) -> list[object]:
    return [
        pytest.param(said, id=f"{said.server}: {said.reply.quoted[:40]}") for said in told(kind)
    ]


@pytest.mark.parametrize("said", each("auth"))
def test_a_refused_sign_in_is_told_by_what_servers_really_say(said: Said) -> None:
    finding = judge_refused_sign_in(
        said.reply,
        mechanism="PLAIN",
        host="smtp.acme.example",
        user="mailer",
        encrypted="plain text" not in said.under,
    )
    assert finding.code == said.code


@pytest.mark.parametrize("said", each("greeting"))
def test_a_greeting_is_told_by_what_servers_really_say(said: Said) -> None:
    finding = judge_greeting(said.reply)
    assert finding is not None
    assert finding.code == said.code


@pytest.mark.parametrize(
    ("part", "said"),
    [(part, said) for part in ("mail", "rcpt", "data") for said in told(part)],
    ids=lambda value: (
        f"{value.server}: {value.reply.quoted[:40]}" if isinstance(value, Said) else value
    ),
)
def test_a_refused_submission_is_told_by_what_servers_really_say(part: str, said: Said) -> None:
    finding = judge_submission(
        said.reply,
        Submission(
            part=cast("Part", part),
            sender="a@acme.example",
            recipient="b@other.example",
            user=None if "anonymous" in said.under else "mailer@acme.example",
            encrypted="plain text" not in said.under,
            starttls_offered="plain text" in said.under,
            ehlo_name="app01",
        ),
    )
    assert finding.code == said.code


@pytest.mark.parametrize(
    ("words", "host", "place"),
    [
        ("SmtpClientAuthentication is disabled for the Tenant.", "x", "Set-TransportConfig -Smtp"),
        (
            "SmtpClientAuthentication is disabled for the Mailbox.",
            "x",
            "Set-CASMailbox -Identity",
        ),
        ("Username and Password not accepted - gsmtp", "x", "myaccount.google.com/apppasswords"),
        ("Application-specific password required", "smtp.gmail.com", "google.com/apppasswords"),
        ("Application specific password required", "smtp.mail.me.com", "account.apple.com"),
        ("user is locked by your security defaults policy", "x", "entra.microsoft.com"),
        ("authentication failed", "smtp.acme.example", None),
    ],
)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_known_providers_words_lead_to_the_switch(
    words: str, host: str, place: str | None, language: str
) -> None:
    reply = ServerReply(code=535, lines=(f"5.7.8 {words}",))
    finding = judge_refused_sign_in(reply, mechanism="PLAIN", host=host, user="m", encrypted=True)
    _, hint = render(finding.code, {"host": host, **finding.facts}, language)
    assert place is None or place in hint
    assert (finding.facts["switch"] is None) is (place is None)
