"""A server on loopback whose behaviour is one coroutine a connection, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator


class Connection:
    """One client of a peer; `seen` gathers the lines that it sent, over all connections.

    TLS is driven by hand: asyncio's own closes a failed handshake without the alert that real
    servers send.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, number: int,
        seen: list[str],
    ) -> None:  # fmt: skip
        self.writer = writer
        self.number = number
        self.seen = seen
        self.at_end = False
        self._reader = reader
        self._buffer = b""
        self._tls: ssl.SSLObject | None = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()

    async def secure(self, context: ssl.SSLContext) -> None:
        """Do the handshake as the server; raises ssl.SSLError after its alert is sent."""
        tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                self._incoming.write(await self._raw())
            except ssl.SSLError:
                await self._flush()
                raise
            else:
                await self._flush()
                self._tls = tls
                return

    async def send(self, data: bytes | str) -> None:
        raw = data.encode() if isinstance(data, str) else data
        if self._tls is None:
            self.writer.write(raw)
            await self.writer.drain()
        else:
            self._tls.write(raw)
            await self._flush()

    async def read(self) -> bytes:
        """Return some bytes, none when the client has gone."""
        if self._tls is None:
            return await self._reader.read(4096)
        while True:
            try:
                return self._tls.read(4096)
            except ssl.SSLWantReadError:
                self._incoming.write(await self._raw())

    async def line(self) -> str:
        """Return the next line without its end, '' when the client has gone."""
        while b"\n" not in self._buffer:
            data = await self.read()
            if not data:
                self.at_end = True
                return ""
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        self.seen.append(line.decode("utf-8", "replace").rstrip("\r"))
        return self.seen[-1]

    async def gone(self) -> None:
        """Wait until the client hangs up."""
        while await self._reader.read(4096):
            pass

    def reset(self) -> None:
        """Break the connection with RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def _raw(self) -> bytes:
        data = await self._reader.read(4096)
        if not data:
            raise ConnectionError("the client has gone")
        return data

    async def _flush(self) -> None:
        self.writer.write(self._outgoing.read())
        await self.writer.drain()


@dataclass(kw_only=True)
class Peer:
    """Where a running peer listens and what it has seen."""

    port: int
    host: str = "127.0.0.1"
    seen: list[str] = field(default_factory=list)
    connections: int = 0


@contextmanager
def running_peer(
    behave: Callable[[Connection], Awaitable[None]],
    *,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> Iterator[Peer]:
    """Run a peer until the block ends; `tls` is from the first byte, `port` 0 a free one."""
    peer = Peer(port=0, host=host)
    loop = asyncio.new_event_loop()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer.connections += 1
        connection = Connection(reader, writer, number=peer.connections, seen=peer.seen)
        with suppress(OSError, ValueError, asyncio.CancelledError):
            if tls is not None:
                await connection.secure(tls)
            await behave(connection)
        writer.close()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(serve, host, port)

    server = loop.run_until_complete(start())
    peer.port = server.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
