"""Program: an SMTP server on loopback that answers each command after a fixed time.

`python -m tests.bench._smtp_server DELAY_MS CERTIFICATE KEY` prints its port and runs until its
standard input ends. It offers STARTTLS, and PLAIN before and after it; it takes one login.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from base64 import b64encode
from typing import Final

USER: Final = "mailer@acme.example"
PASSWORD: Final = "correct horse battery"
_BLOB: Final = b64encode(f"\0{USER}\0{PASSWORD}".encode())
_EHLO: Final = (
    b"250-mx.acme.example greets you\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n"
    b"250-%b8BITMIME\r\n250 AUTH PLAIN\r\n"
)
_WAITING: Final = 4096


class Session(asyncio.Protocol):
    """One client; replies wait for their time, so that thousands of clients cost no threads."""

    def __init__(self, delay_s: float, context: ssl.SSLContext) -> None:
        self._loop = asyncio.get_running_loop()
        self._delay_s = delay_s
        self._context = context
        self._buffer = b""
        self._secured = False
        self._upgrade: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._secured:
            self._later(b"220 mx.acme.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\r\n")
            self._answer(line)

    def _answer(self, line: bytes) -> None:
        verb, _, rest = line.partition(b" ")
        match verb.upper():
            case b"EHLO":
                self._later(_EHLO % (b"" if self._secured else b"STARTTLS\r\n250-"))
            case b"STARTTLS":
                self._later(b"220 go ahead\r\n", then="upgrade")
            case b"AUTH":
                right = rest == b"PLAIN " + _BLOB
                self._later(b"235 2.7.0 welcome\r\n" if right else b"535 5.7.8 no\r\n")
            case b"QUIT":
                self._later(b"221 bye\r\n", then="close")
            case _:
                self._later(b"502 5.5.1 unknown\r\n")

    def _later(self, reply: bytes, *, then: str = "") -> None:
        self._loop.call_later(self._delay_s, self._reply, reply, then)

    def _reply(self, reply: bytes, then: str) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(reply)
        if then == "close":
            self._transport.close()
        elif then == "upgrade":
            self._upgrade = self._loop.create_task(self._secure(self._transport))

    async def _secure(self, transport: asyncio.Transport) -> None:
        self._secured = True
        secured = await self._loop.start_tls(transport, self, self._context, server_side=True)
        assert secured is not None
        self._transport = secured


async def main(delay_ms: str, certificate: str, key: str) -> None:
    """Serve until standard input ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()
    delay_s = int(delay_ms) / 1000
    server = await loop.create_server(
        lambda: Session(delay_s, context), "127.0.0.1", 0, backlog=_WAITING
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
