"""Bytes to and from one peer, in plain text or TLS, never more of them than asked for."""

from __future__ import annotations

import _ssl
import asyncio
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

_CHUNK = 16_384
_OPENING = 512


class WireError(Exception):
    """The connection is of no more use."""


class ClosedByPeer(WireError):
    """The peer closed the connection, also in the middle of a TLS handshake."""


class ResetByPeer(WireError):
    """The peer, or something between, reset the connection."""


class TlsFailed(WireError):
    """TLS broke; `opening` holds the first bytes that the peer sent in the handshake."""

    def __init__(self, error: ssl.SSLError, opening: bytes = b"") -> None:
        super().__init__(error.reason or type(error).__name__)
        self.error = error
        self.opening = opening


class Wire:
    """One connected, non-blocking socket; `tls` is its TLS state after `secure`.

    Every call may raise WireError. Time limits are the caller's.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.tls: ssl.SSLObject | None = None

    def close(self) -> None:
        """Close without ceremony."""
        self._sock.close()

    def peek_waiting(self) -> bytes:
        """Return what the peer has sent unasked, without waiting for more."""
        try:
            return self._sock.recv(_OPENING)
        except (BlockingIOError, ConnectionError):
            return b""

    def peer_chain(self) -> list[bytes]:
        """Return the certificates (DER) that the peer sent, its own first, none without TLS."""
        if self.tls is None:
            return []
        if hasattr(self.tls, "get_unverified_chain"):  # public since Python 3.13
            return [bytes(der) for der in self.tls.get_unverified_chain()]
        inner = self.tls._sslobj  # type: ignore[attr-defined]  # noqa: SLF001 -- see above
        return [
            certificate.public_bytes(_ssl.ENCODING_DER)
            for certificate in inner.get_unverified_chain() or ()
        ]

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        if self.tls is None:
            await self._send_raw(data)
            return
        self.tls.write(data)
        await self._flush()

    async def receive(self) -> bytes:
        """Return the next bytes, at most 16 KiB, or none where the peer has closed."""
        if self.tls is None:
            return await self._receive_raw()
        while True:
            try:
                return self.tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                await self._flush()
                data = await self._receive_raw()
                if not data:
                    return b""
                self._incoming.write(data)
            except ssl.SSLError as error:
                raise TlsFailed(error) from error

    async def secure(self, context: ssl.SSLContext, server_name: str) -> None:
        """Do the TLS handshake as the client."""
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        opening = b""
        while not await self._handshaken(tls, opening):
            data = await self._receive_raw()
            if not data:
                raise ClosedByPeer
            opening = (opening + data)[:_OPENING]
            self._incoming.write(data)
        self.tls = tls

    async def _handshaken(self, tls: ssl.SSLObject, opening: bytes) -> bool:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            await self._flush()
            return False
        except ssl.SSLError as error:
            await self._tell_alert()
            raise TlsFailed(error, opening) from error
        await self._flush()
        return True

    async def _tell_alert(self) -> None:
        try:
            await self._flush()
        except WireError:
            return  # the peer that does not listen to our alert has failed in the way we report

    async def _flush(self) -> None:
        if data := self._outgoing.read():
            await self._send_raw(data)

    async def _send_raw(self, data: bytes) -> None:
        try:
            await self._loop.sock_sendall(self._sock, data)
        except OSError as error:
            raise ResetByPeer from error

    async def _receive_raw(self) -> bytes:
        try:
            return await self._loop.sock_recv(self._sock, _CHUNK)
        except OSError as error:
            raise ResetByPeer from error
