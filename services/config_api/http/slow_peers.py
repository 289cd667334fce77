"""Ends connections of peers that send a body, or take an answer, too slowly to be waited for.

The server limits the time for a request's head only. What goes over each of its connections is
asked of the kernel (Linux's TCP_INFO), so that nothing is measured while requests are served.
"""

from __future__ import annotations

import logging
import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.config_api.http.incoming import Arrivals

#: Seconds that a peer may be slower than so many bytes a second.
PATIENCE_S = 30.0
SLOWEST = 1024
SWEEP_S = 5.0
_FDS = Path("/proc/self/fd")
#: struct tcp_info of linux/tcp.h: bytes acknowledged, received; segments under way; bytes unsent.
_BYTES, _UNDER_WAY, _UNSENT, _SIZE = (120, 24, 144, 160)
_SO_COOKIE = 57
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """What went over a connection until `at` (monotonic): bytes taken by the peer, and sent by it.

    `owing` while something sent was not taken yet.
    """

    at: float
    taken: int
    sent: int
    owing: bool


def is_slow(before: Flow, now: Flow, arrivals: Arrivals, patience: float = PATIENCE_S) -> bool:
    """Tell whether a peer that was slow since `before` is waited for any longer.

    One that takes its answer slowly is not. One that was sent nothing may send a body slowly, or
    wait for an answer that takes long: who sends on, waits for none; who is silent is kept as long
    as there are such answers.
    """
    if now.at - before.at < patience:
        return False
    if now.owing:
        return True
    if not arrivals.awaits_body(patience):
        return False
    return now.sent > before.sent or not arrivals.works(patience)


def is_under_way(before: Flow, now: Flow) -> bool:
    """Tell whether enough went over a connection, in either direction, since `before`."""
    enough = SLOWEST * (now.at - before.at)
    taken = now.taken - before.taken
    return now.sent - before.sent >= enough or taken >= (enough if now.owing else 1)


class SlowPeers:
    """Looks at a server's connections from time to time and ends those of slow peers."""

    def __init__(self, port: int, arrivals: Arrivals, patience: float = PATIENCE_S) -> None:
        self._port = port
        self._arrivals = arrivals
        self._patience = patience
        self._since: dict[bytes, Flow] = {}

    def run(self) -> None:
        """Sweep for ever; nothing where the kernel does not tell."""
        while sys.platform == "linux":
            sleep(SWEEP_S)
            try:
                self.sweep()
            except OSError:  # the watch must survive
                _log.exception("slow peers cannot be looked for")

    def sweep(self) -> int:
        """Look at each connection once; return how many were ended."""
        seen, ended = dict[bytes, Flow](), 0
        for connection in _connections(self._port):
            name = connection.getsockopt(socket.SOL_SOCKET, _SO_COOKIE, 8)
            now = _flow(connection)
            before = self._since.get(name, now)
            if is_under_way(before, now):
                before = now
            if is_slow(before, now, self._arrivals, self._patience):
                _log.warning("a connection was too slow", extra={"peer": connection.getpeername()})
                connection.shutdown(socket.SHUT_RDWR)
                ended += 1
            seen[name] = before
        self._since = seen
        return ended


def _connections(port: int) -> Iterator[socket.socket]:
    """Yield this process's connections to a port of its own; each holds until the next."""
    for descriptor in tuple(_FDS.iterdir()):
        with suppress(OSError), _held(descriptor) as held:
            is_tcp = held.family in {socket.AF_INET, socket.AF_INET6}
            if is_tcp and held.type == socket.SOCK_STREAM and held.getsockname()[1] == port:
                held.getpeername()  # fails for the one that listens
                yield held


@contextmanager
def _held(descriptor: Path) -> Iterator[socket.socket]:
    """Hold what a descriptor names now; raises OSError where that is no socket."""
    if not descriptor.readlink().name.startswith("socket:"):
        raise OSError("not a socket")
    own = os.dup(int(descriptor.name))
    try:
        held = socket.socket(fileno=own)
    except OSError:
        os.close(own)
        raise
    with held:
        yield held


def _flow(connection: socket.socket) -> Flow:
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SIZE)
    taken, sent = struct.unpack_from("=QQ", info, _BYTES)
    (under_way,) = struct.unpack_from("=I", info, _UNDER_WAY)
    (unsent,) = struct.unpack_from("=I", info, _UNSENT)
    return Flow(at=monotonic(), taken=taken, sent=sent, owing=bool(under_way or unsent))
