"""A scripted SMTP server: well behaved but for what a test changes."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    from tests.support.smtp.peer import Connection

USER = "mailer@acme.example"
PASSWORD = "correct horse battery"


@dataclass(kw_only=True)
class SmtpScript:
    """Answers by verb, `.` for the end of a message.

    `answers` overrides one, a callable may do anything with the connection.
    """

    banner: str = "220 mx.acme.example ESMTP ready\r\n"
    extensions: tuple[str, ...] = ("PIPELINING", "AUTH PLAIN LOGIN")
    extensions_after_tls: tuple[str, ...] | None = None
    starttls: ssl.SSLContext | None = None
    after_starttls: bytes = b""
    answers: dict[str, str | Callable[[Connection, str], Awaitable[None]]] = field(
        default_factory=dict
    )

    async def __call__(self, connection: Connection) -> None:
        await connection.send(self.banner)
        await self._converse(connection, secured=False)

    async def _converse(self, connection: Connection, *, secured: bool) -> None:
        while line := await connection.line():
            verb = line.partition(" ")[0].upper()
            answer = self.answers.get(f"{verb} TLS" if secured else verb, self.answers.get(verb))
            if callable(answer):
                await answer(connection, line)
            elif answer is not None:
                await connection.send(answer)
            elif verb == "EHLO":
                await connection.send(self._ehlo(secured=secured))
            elif verb == "STARTTLS" and self.starttls is not None:
                await connection.send(b"220 go ahead\r\n" + self.after_starttls)
                await connection.secure(self.starttls)
                await self._converse(connection, secured=True)
                return
            elif verb in {"AUTH", "DATA"}:
                await (self._auth if verb == "AUTH" else self._take_message)(connection, line)
            elif verb == "QUIT":
                await connection.send("221 bye\r\n")
                return
            else:
                await connection.send("250 ok\r\n")

    async def _take_message(self, connection: Connection, _line: str) -> None:
        await connection.send("354 end with a dot\r\n")
        while (text := await connection.line()) != ".":
            if not text and connection.at_end:
                return
        answer = self.answers.get(".", "250 2.0.0 queued\r\n")
        if callable(answer):
            await answer(connection, ".")
        else:
            await connection.send(answer)

    def _ehlo(self, *, secured: bool) -> str:
        extensions = self.extensions
        if secured and self.extensions_after_tls is not None:
            extensions = self.extensions_after_tls
        elif not secured and self.starttls is not None:
            extensions = (*extensions, "STARTTLS")
        lines = ["mx.acme.example greets you", *extensions]
        return "".join(f"250-{line}\r\n" for line in lines[:-1]) + f"250 {lines[-1]}\r\n"

    async def _auth(self, connection: Connection, line: str) -> None:
        _, mechanism, *initial = line.split(" ")
        if mechanism == "PLAIN":
            _, user, password = b64decode(initial[0]).decode().split("\0")
        else:
            await connection.send("334 VXNlcm5hbWU6\r\n")
            user = b64decode(await connection.line()).decode()
            await connection.send("334 UGFzc3dvcmQ6\r\n")
            password = b64decode(await connection.line()).decode()
        right = (user, password) == (USER, PASSWORD)
        await connection.send(
            "235 2.7.0 welcome\r\n" if right else "535 5.7.8 authentication failed\r\n"
        )
