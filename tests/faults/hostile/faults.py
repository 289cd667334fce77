"""Faults that may come instead of any reply, by the class that decides what they look like."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from tests.faults.hostile.behaviour import Fault
    from tests.support.smtp.peer import Connection

Class = Literal["gone", "reset", "silent", "unfinished", "foreign", "refused", "later", "odd"]
DRIP_S: Final = 0.5
_ANSI: Final = "\x1b[31m\x1b]0;owned\x07<script>alert(1)</script>\u202e\u2066"
_JUNK: Final = Random(7).randbytes(3000)


@dataclass(frozen=True, kw_only=True)
class Generic:
    """A fault with its class: how the connection looks to the one who waits for the reply."""

    name: str
    kind: Class
    act: Fault


def says(data: bytes | str) -> Fault:
    """Return a fault that answers with these bytes."""

    async def act(connection: Connection, _line: str) -> None:
        await connection.send(data)

    return act


def says_and_hangs_up(data: bytes | str) -> Fault:
    async def act(connection: Connection, _line: str) -> None:
        await connection.send(data)
        raise ConnectionAbortedError

    return act


def repeats(data: bytes) -> Fault:
    """Return a fault that says the same without end."""

    async def act(connection: Connection, _line: str) -> None:
        while True:
            await connection.send(data)

    return act


def drips(data: bytes) -> Fault:
    """Return a fault that sends one byte each half second, and begins again at the end."""

    async def act(connection: Connection, _line: str) -> None:
        while True:
            for byte in data:
                await connection.send(bytes([byte]))
                await asyncio.sleep(DRIP_S)

    return act


async def hang_up(_connection: Connection, _line: str) -> None:
    raise ConnectionAbortedError


async def reset(connection: Connection, _line: str) -> None:
    connection.reset()
    raise ConnectionAbortedError


async def half_close(connection: Connection, _line: str) -> None:
    """Say that nothing more will come, and keep listening."""
    connection.writer.write_eof()
    await connection.gone()


async def be_silent(connection: Connection, _line: str) -> None:
    await connection.gone()


async def echo(connection: Connection, line: str) -> None:
    await connection.send(f"500 5.5.2 what is {line}?\r\n")


async def stop_reading(connection: Connection, _line: str) -> None:
    """Close the window: read no more, and say nothing."""
    connection.writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is a socket's
    await asyncio.sleep(60)


GENERIC: Final = (
    Generic(name="hangs up", kind="gone", act=hang_up),
    Generic(name="closes its half", kind="gone", act=half_close),
    Generic(name="hangs up within a code", kind="gone", act=says_and_hangs_up("25")),
    Generic(name="hangs up within a reply", kind="gone", act=says_and_hangs_up("250-one\r\n")),
    Generic(name="resets", kind="reset", act=reset),
    Generic(name="is silent", kind="silent", act=be_silent),
    Generic(name="stops reading", kind="silent", act=stop_reading),
    Generic(name="drips a reply", kind="unfinished", act=drips(b"250-x.example\r\n")),
    Generic(name="drips one line", kind="unfinished", act=drips(b"250 " + b"x" * 200)),
    Generic(name="an endless line", kind="unfinished", act=repeats(b"250 " + b"2" * 60_000)),
    Generic(name="endless lines", kind="unfinished", act=repeats(b"250-XMORE and more\r\n" * 900)),
    Generic(name="endless small lines", kind="unfinished", act=repeats(b"250-\r\n")),
    Generic(name="a line of 100 KB", kind="unfinished", act=says(b"250 " + b"x" * 100_000)),
    Generic(name="6000 lines", kind="unfinished", act=says(b"250-and\r\n" * 6000 + b"250 end\r\n")),
    Generic(name="no line feed", kind="unfinished", act=says("250 ok\r250 ok\r")),
    Generic(name="drips junk", kind="foreign", act=drips(b"\x00\xff")),
    Generic(name="endless NUL", kind="foreign", act=repeats(bytes(30_000))),
    Generic(name="endless line feeds", kind="foreign", act=repeats(b"\n" * 9000)),
    Generic(name="binary", kind="foreign", act=says(_JUNK + b"\r\n")),
    Generic(name="code 000", kind="foreign", act=says("000 ok\r\n")),
    Generic(name="code 150", kind="foreign", act=says("150 wait\r\n")),
    Generic(name="code 999", kind="foreign", act=says("999 ok\r\n")),
    Generic(name="a code of four digits", kind="foreign", act=says("2500 ok\r\n")),
    Generic(name="a code in Arabic digits", kind="foreign", act=says("٢٥٠ ok\r\n")),
    Generic(name="no code", kind="foreign", act=says("ok\r\n")),
    Generic(name="two codes", kind="foreign", act=says("250-one\r\n550 two\r\n")),
    Generic(name="UTF-16", kind="foreign", act=says("250 ok\r\n".encode("utf-16"))),
    Generic(name="ANSI first", kind="foreign", act=says(f"{_ANSI}250 ok\r\n")),
    Generic(name="HTML", kind="foreign", act=says("<script>alert(1)</script>\r\n")),
    Generic(name="ANSI and script", kind="refused", act=says(f"550 5.1.1 {_ANSI}\r\n")),
    Generic(name="NUL in a reply", kind="refused", act=says(b"550 n\0o\0\r\n")),
    Generic(name="not UTF-8", kind="refused", act=says(b"550 n\xff\xc0\x80o\r\n")),
    Generic(name="a surrogate", kind="refused", act=says(b"550 \xed\xa0\x80\r\n")),
    Generic(name="echoes", kind="refused", act=echo),
    Generic(name="a refusal of 30 KB", kind="refused", act=says(b"550 " + b"no " * 10_000 + b"\n")),
    Generic(name="a long word again and again", kind="refused",
            act=says(b"550 " + b"concurren" * 3500 + b"\r\n")),
    Generic(name="says 421 and hangs up", kind="later", act=says_and_hangs_up("421 later\r\n")),
    Generic(name="says 451", kind="later", act=says("451 4.3.0 later\r\n")),
    Generic(name="code 334", kind="odd", act=says("334 \r\n")),
    Generic(name="code 354", kind="odd", act=says("354 go on\r\n")),
    Generic(name="code 220", kind="odd", act=says("220 hello\r\n")),
    Generic(name="code alone", kind="odd", act=says("250\r\n")),
    Generic(name="fifty replies at once", kind="odd", act=says("250 ok\r\n" * 50)),
    Generic(name="ANSI in an acceptance", kind="odd", act=says(f"250 {_ANSI}\r\n")),
)  # fmt: skip
