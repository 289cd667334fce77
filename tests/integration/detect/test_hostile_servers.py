from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.smtp.peer import Connection, running_peer
from tests.support.smtp.script import SmtpScript
from tests.support.smtp.searching import SMTP, Domain, checked, codes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def domain() -> Domain:
    made = Domain()
    made.at_loopback(SMTP)
    return made


async def _resets(connection: Connection) -> None:
    connection.reset()


async def _floods(connection: Connection) -> None:
    while True:
        await connection.send(b"220-" + b"x" * 4096 + b"\r\n")


async def _injects(connection: Connection) -> None:
    await connection.send("220 hi\r\n")
    await connection.line()
    await connection.send("250-hi\r\n250 STARTTLS\r\n")
    await connection.line()
    await connection.send("220 go\r\n250 AUTH PLAIN\r\n")
    await connection.gone()


@pytest.mark.parametrize(
    ("behave", "code"),
    [
        (_resets, "not_reached"),
        (_floods, "not_reached"),
        (_injects, "tls_failed"),
        (SmtpScript(banner="HTTP/1.1 400 Bad Request\r\n\r\n"), "no_smtp_there"),
        (SmtpScript(banner="554 5.7.1 \x1b[31mno\r\n"), "turned_away"),
        (SmtpScript(banner="\xff\xfe\x00"), "no_smtp_there"),
        (SmtpScript(answers={"EHLO": "502 what\r\n"}), "turned_away"),
    ],
)
def test_hostile_servers_are_told_as_what_they_are(
    domain: Domain, tmp_path: Path, behave: object, code: str
) -> None:
    with running_peer(behave) as peer:  # type: ignore[arg-type]  # each is a behaviour
        domain.srv("submission", f"0 1 {peer.port} {SMTP}.")
        result = checked(domain.searched(tmp_path, deadline_s=2.0))
    assert codes(result)[-1] == code
    assert "\x1b" not in str(result)
