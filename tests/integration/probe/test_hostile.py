from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from tests.support.smtp.peer import Connection, running_peer
from tests.support.smtp.probing import claim_answer, probed
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services.conn_tester.tools import Tools

MOST_MORE = 10 * 1024 * 1024


async def endless_lines(connection: Connection, _line: str) -> None:
    while True:
        await connection.send(b"250-XSOMETHING and more\r\n" * 1000)


async def endless_line(connection: Connection, _line: str) -> None:
    while True:
        await connection.send(b"2" * 65_536)


async def endless_challenges(connection: Connection, _line: str) -> None:
    while True:
        await connection.send(b"334 " + b"QUJD" * 5000 + b"\r\n")
        await connection.line()


@pytest.mark.parametrize("verb", ["EHLO", "AUTH", "QUIT"])
@pytest.mark.parametrize("answer", [endless_lines, endless_line, endless_challenges])
def test_an_endless_answer_costs_little_memory_and_time(
    tools: Tools, verb: str, answer: Callable[[Connection, str], Awaitable[None]]
) -> None:
    script = SmtpScript(extensions=("AUTH LOGIN",), answers={verb: answer})
    with running_peer(script) as peer:
        tracemalloc.start()
        begun = time.monotonic()
        result = probed(claim_answer(peer.port, timeout_ms=1_000, deadline_ms=10_000), tools)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (result.code == "ok") is (verb == "QUIT")
    assert time.monotonic() - begun < 8
    assert peak < MOST_MORE
    assert sum(len(line.text) for line in result.transcript) < 300 * 512
