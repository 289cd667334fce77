"""A proxy before PostgreSQL that cuts a connection just before or just after a commit."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Final, Literal

Moment = Literal["unsent", "unanswered"]

_PIECE: Final = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Cut:
    """When to cut: what the client sent holds all of `words`, in one piece or since `since`.

    `unsent`: the server never gets that piece. `unanswered`: it gets it and answers, and the
    answer is thrown away.
    """

    words: tuple[bytes, ...]
    moment: Moment
    since: bytes | None = None


class CuttingProxy:
    """Forwards a port of its own on loopback to another port."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._lock = Lock()
        self._wanted: Cut | None = None
        self.was_cut = Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def cut_once(self, cut: Cut) -> None:
        """Cut one connection, the next to which this happens."""
        with self._lock:
            self.was_cut.clear()
            self._wanted = cut

    def close(self) -> None:
        """Stop listening and end every connection."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            ends = list(self._open)
        for end in ends:
            _end(end)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target_port))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            _Pair(self, client, server).start()

    def take(self, piece: bytes, *, since: bool) -> Moment | None:
        """Return how to cut the connection on which a piece was sent, None if not at all."""
        with self._lock:
            wanted = self._wanted
            if wanted is None or not all(word in piece for word in wanted.words):
                return None
            if wanted.since is not None and not since:
                return None
            self._wanted = None
            return wanted.moment

    def began(self, piece: bytes) -> bool:
        """Tell whether a piece holds what must come before the wanted words."""
        with self._lock:
            wanted = self._wanted
            return wanted is not None and wanted.since is not None and wanted.since in piece

    def forget(self, *ends: socket.socket) -> None:
        with self._lock:
            self._open -= set(ends)


class _Pair:
    """One connection, forwarded both ways."""

    def __init__(self, proxy: CuttingProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._swallow = False

    def start(self) -> None:
        Thread(target=self._to_server, daemon=True).start()
        Thread(target=self._to_client, daemon=True).start()

    def _to_server(self) -> None:
        since = False
        with suppress(OSError):
            while piece := self._client.recv(_PIECE):
                since = since or self._proxy.began(piece)
                moment = self._proxy.take(piece, since=since)
                if moment == "unsent":
                    self._proxy.was_cut.set()
                    break
                self._swallow = moment == "unanswered"
                self._server.sendall(piece)
        self._close()

    def _to_client(self) -> None:
        with suppress(OSError):
            while piece := self._server.recv(_PIECE):
                if self._swallow:
                    self._proxy.was_cut.set()
                    break
                self._client.sendall(piece)
        self._close()

    def _close(self) -> None:
        _end(self._client)
        _end(self._server)
        self._proxy.forget(self._client, self._server)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
