"""What scripted peers do, for use in many situations."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.support.smtp.peer import Connection


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


async def closing_after_hello(connection: Connection) -> None:
    await connection.read()


def saying(*lines: str | bytes) -> Callable[[Connection], Awaitable[None]]:
    """Greet with these bytes and wait."""

    async def greet(connection: Connection) -> None:
        for line in lines:
            await connection.send(line)
        await connection.gone()

    return greet


def answering_hello(words: bytes) -> Callable[[Connection], Awaitable[None]]:
    """Say nothing until bytes come, then these."""

    async def answer(connection: Connection) -> None:
        await connection.read()
        await connection.send(words)
        await connection.gone()

    return answer


async def hang_up(connection: Connection, _line: str) -> None:
    connection.writer.close()


async def reset(connection: Connection, _line: str) -> None:
    connection.reset()


async def say_nothing(connection: Connection, _line: str) -> None:
    await connection.gone()


async def babble(connection: Connection, _line: str) -> None:
    while True:
        await connection.send(b"250-and so on\r\n" * 500)


def script(*mechanisms: str, **answers: Any) -> SmtpScript:
    """A good server with mechanisms, but for some answers; `DOT` is that to the message."""
    if "DOT" in answers:
        answers["."] = answers.pop("DOT")
    return SmtpScript(
        extensions=("PIPELINING", f"AUTH {' '.join(mechanisms or ('PLAIN', 'LOGIN'))}"),
        answers=answers,
    )
