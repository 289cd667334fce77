"""HTTP/1.1 byte by byte, for requests that no client library would send."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PATIENCE_S = 10.0


@dataclass(frozen=True)
class Seen:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Wire:
    """The address of a server; `headers` stand in each request that `request` makes."""

    host: str
    port: int
    headers: str = ""

    def connect(self) -> socket.socket:
        return socket.create_connection((self.host, self.port), timeout=_PATIENCE_S)

    def request(
        self, line: str, body: str = "", *more: str, host: str | None = None, ends: bool = False
    ) -> Seen:
        """Return the first answer to a request of this line, header lines and body."""
        named = f"Host: {self.host}:{self.port}" if host is None else host
        head = [f"{line} HTTP/1.1", *([named] if named else []), *more]
        return self.send(
            "".join(f"{one}\r\n" for one in head) + self.headers + "\r\n" + body, ends=ends
        )

    def send(self, text: str, *, cut: bool = False, ends: bool = False) -> Seen:
        """Return the first answer to these bytes (Latin-1).

        `cut`: nothing more is coming. `ends`: the server must end the connection behind it.
        """
        with self.connect() as connection:
            connection.sendall(text.encode("latin-1"))
            if cut:
                connection.shutdown(socket.SHUT_WR)
            seen = _seen(connection)
            assert not ends or _is_ended(connection), "the connection is open still"
            return seen


def _seen(connection: socket.socket) -> Seen:
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(connection)
    head, _, body = got.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    named = (line.split(": ", 1) for line in lines)
    headers = {name.lower(): value for name, value in named}
    if headers.get("transfer-encoding") == "chunked":
        while not body.endswith(b"0\r\n\r\n"):
            body += _more(connection)
    while len(body) < int(headers.get("content-length", 0)):
        body += _more(connection)
    return Seen(int(status.split()[1]), headers, body)


def _more(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    assert piece, "the connection ended before a whole answer"
    return piece


def _is_ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
