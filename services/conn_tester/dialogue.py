"""The SMTP dialogue with bounded reading."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from services.conn_tester.reply import ServerReply, shown
from services.conn_tester.wire import ClosedByPeer, Flooded, TlsFailed, WireError

if TYPE_CHECKING:
    import ssl

    from services.conn_tester.journal import Journal
    from services.conn_tester.wire import Wire

REPLY_LIMIT = 32 * 1024
SESSION_LIMIT = 256 * 1024
_LINE = re.compile(r"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class DialogueError(Exception):
    """The server did not give a reply."""


class Silent(DialogueError):
    """Nothing came within the time limit."""


class Unfinished(DialogueError):
    """A reply began but did not end within its limit of time or size."""


class HungUp(DialogueError):
    """The server closed the connection instead."""


class WasReset(DialogueError):
    """The connection was reset instead."""


class TlsBroke(DialogueError):
    """The server ended TLS with an alert or with bytes that are not TLS."""

    def __init__(self, error: ssl.SSLError) -> None:
        super().__init__(error.reason)
        self.error = error


class NotAReply(DialogueError):
    """What came is no SMTP reply; `text` is its beginning, escaped."""

    def __init__(self, text: str) -> None:
        super().__init__("not a reply")
        self.text = text


class Dialogue:
    """Commands and replies on a wire, noted in a journal; `bare_lf` once a reply ended so.

    `write_limit_s` bounds the sending where it is shorter than the limit for an answer.
    """

    def __init__(self, wire: Wire, journal: Journal, *, write_limit_s: float | None = None) -> None:
        self.wire = wire
        self.bare_lf = False
        self._journal = journal
        self._write_limit_s = write_limit_s
        self._buffer = b""
        self._received = 0

    async def ask(self, command: str, *, limit_s: float, noted: str | None = None) -> ServerReply:
        """Send a command and return the reply; `noted` stands in the journal for one with secrets.

        Raises DialogueError, ValueError for a command that would be more than one line.
        """
        await self.tell(command, limit_s=limit_s, noted=noted)
        return await self.reply(limit_s=limit_s)

    async def tell(self, command: str, *, limit_s: float, noted: str | None = None) -> None:
        """Send a command without waiting for the reply; raises as `ask` does."""
        if not command.isprintable():
            raise ValueError("a command holds a control character")
        self._journal.client(command if noted is None else noted)
        await self._send(command.encode() + b"\r\n", limit_s)

    async def deliver(self, message: bytes, *, limit_s: float) -> ServerReply:
        """Send a message (lines that end with CR LF) with its final dot and return the reply.

        Raises DialogueError; then nobody knows whether the server has taken it.
        """
        self._journal.client(f"[{len(message)} bytes]")
        self._journal.client(".")
        stuffed = _LEADING_DOT.sub(b"..", message)  # RFC 5321 4.5.2
        await self._send(stuffed + b".\r\n", limit_s)
        return await self.reply(limit_s=limit_s)

    async def reply(self, *, limit_s: float) -> ServerReply:
        """Return the next reply (RFC 5321 4.2), complete within the limit; raises DialogueError."""
        lines: list[str] = []
        size = 0
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    text, last, length = self._parsed(await self._line(REPLY_LIMIT - size), lines)
                    size += length
                    lines.append(text)
                    if last:
                        return self._finished(lines)
        except TimeoutError:
            raise self._late(lines) from None
        except ClosedByPeer:
            raise self._ended() from None
        except Flooded:
            raise self._too_much() from None
        except TlsFailed as error:
            raise TlsBroke(error.error) from error
        except WireError as error:
            raise WasReset from error

    def take_unread(self) -> bytes:
        """Return and forget bytes that came before they were due; none belong before TLS."""
        unread, self._buffer = self._buffer + self.wire.peek_waiting(), b""
        return unread

    async def _send(self, data: bytes, limit_s: float) -> None:
        try:
            if rest := self.wire.send_at_once(data):
                async with asyncio.timeout(min(self._write_limit_s or limit_s, limit_s)):
                    await self.wire.send_rest(rest)
        except TimeoutError:
            raise Silent from None
        except TlsFailed as error:
            raise TlsBroke(error.error) from error
        except WireError as error:
            raise WasReset from error

    def _finished(self, lines: list[str]) -> ServerReply:
        return ServerReply(code=int(lines[0][:3]), lines=tuple(line[4:] for line in lines))

    def _parsed(self, raw: bytes, before: list[str]) -> tuple[str, bool, int]:
        text = self._decoded(raw.removesuffix(b"\r"))
        self._journal.server(text)
        match = _LINE.fullmatch(text)
        if match is None or (before and before[0][:3] != match[1]):
            raise NotAReply(shown(text))
        self.bare_lf |= not raw.endswith(b"\r")
        return text, match[2] != "-", len(raw)

    def _decoded(self, raw: bytes) -> str:
        return self._journal.scrub.clean(raw.decode("utf-8", "backslashreplace"))

    async def _line(self, limit: int) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > limit:
                raise self._too_much()
            data = await self.wire.receive()
            if not data:
                raise ClosedByPeer
            self._received += len(data)
            if self._received > SESSION_LIMIT:
                raise self._too_much()
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        if len(line) > limit:
            raise Unfinished
        return line

    def _late(self, lines: list[str]) -> DialogueError:
        if not lines and not self._buffer:
            return Silent()
        return self._too_much()

    def _too_much(self) -> DialogueError:
        return self._unlike_smtp() or Unfinished()

    def _ended(self) -> DialogueError:
        return self._unlike_smtp() or HungUp()

    def _unlike_smtp(self) -> NotAReply | None:
        """Return the error for a beginning that no SMTP reply can have."""
        if self._buffer and not re.match(rb"[2-5]?[0-9]{0,2}($|[ -])", self._buffer):
            text = shown(self._decoded(self._buffer[:REPLY_LIMIT]))
            self._journal.server(text)
            return NotAReply(text)
        return None
