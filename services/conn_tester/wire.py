"""Bytes to and from one peer, in plain text or TLS, never more of them than asked for."""

from __future__ import annotations

import _ssl
import asyncio
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

_CHUNK = 16_384
_OPENING = 16_384
_MOST_RECEIVED = 512 * 1024  # two sessions of words: TLS adds its own, certificates above all


class WireError(Exception):
    """The connection is of no more use."""


class ClosedByPeer(WireError):
    """The peer closed the connection; `opening` is what it sent in a handshake before, 16 KiB."""

    def __init__(self, opening: bytes = b"") -> None:
        super().__init__()
        self.opening = opening


class ResetByPeer(WireError):
    """The peer, or something between, reset the connection."""


class Flooded(WireError):
    """The peer sent more than any mail server has to say, TLS's own records included."""


class TlsFailed(WireError):
    """TLS broke; `opening` holds what the peer sent in the handshake, 16 KiB at most."""

    def __init__(self, error: ssl.SSLError, opening: bytes = b"") -> None:
        super().__init__(error.reason or type(error).__name__)
        self.error = error
        self.opening = opening


class Wire:
    """One connected, non-blocking socket; `tls` is its TLS state after `secure`.

    Every call may raise WireError. Time limits are the caller's. The loop is told once that the
    socket is listened to, not for each reply: a dialogue has many, and each would cost two calls.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._received = 0
        self._listening = False
        self._awaited: asyncio.Future[bytes] | None = None
        self.tls: ssl.SSLObject | None = None

    def close(self) -> None:
        """Close without ceremony."""
        self._stop_listening()
        self._sock.close()

    @property
    def local_address(self) -> str:
        """The address of this end."""
        address: str = self._sock.getsockname()[0]
        return address

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
        if rest := self.send_at_once(data):
            await self.send_rest(rest)

    def send_at_once(self, data: bytes) -> bytes:
        """Send without waiting; return what the connection did not take, for `send_rest`."""
        if self.tls is None:
            return self._put(data)
        try:
            self.tls.write(data)
        except ssl.SSLError as error:
            raise TlsFailed(error) from error
        return self._put(self._outgoing.read())

    async def send_rest(self, rest: bytes) -> None:
        """Send what `send_at_once` has left."""
        try:
            await self._loop.sock_sendall(self._sock, rest)
        except OSError as error:
            raise ResetByPeer from error

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
                raise ClosedByPeer(opening)
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
        if (data := self._outgoing.read()) and (rest := self._put(data)):
            await self.send_rest(rest)

    def _put(self, data: bytes) -> bytes:
        try:
            sent = self._sock.send(data)
        except (BlockingIOError, InterruptedError):
            return data
        except OSError as error:
            raise ResetByPeer from error
        return data[sent:]

    async def _receive_raw(self) -> bytes:
        """Return what comes next; a peer that always has more does not keep others from theirs."""
        self._awaited = self._loop.create_future()
        if not self._listening:
            self._loop.add_reader(self._sock, self._take)
            self._listening = True
        try:
            data = await self._awaited
        except OSError as error:
            raise ResetByPeer from error
        finally:
            self._awaited = None
        self._received += len(data)
        if self._received > _MOST_RECEIVED:
            raise Flooded
        return data

    def _take(self) -> None:
        """Take what came for who waits; what comes unasked stays in the kernel, unread."""
        awaited = self._awaited
        if awaited is None or awaited.done():
            self._stop_listening()
            return
        try:
            awaited.set_result(self._sock.recv(_CHUNK))
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            awaited.set_exception(error)

    def _stop_listening(self) -> None:
        if self._listening:
            self._loop.remove_reader(self._sock)
            self._listening = False
