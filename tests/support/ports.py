"""Ports of loopback for servers that a test starts."""

from __future__ import annotations

import os
import random
import re
import socket
from functools import cache
from itertools import cycle
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Below the ports that the kernel gives to connections and to whoever binds port 0: between the
#: choice of a port here and the server's own bind nobody else is given it.
_PORTS: Final = range(12_000, 32_000)
#: So many workers of one run choose from ports of their own.
_WORKERS: Final = 8


def free_port() -> int:
    """Return a port on loopback that nobody listens on now and that was not given before."""
    for port in _own_ports():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("a cycle does not end")


@cache
def _own_ports() -> Iterator[int]:
    """Go round this worker's ports in an order of chance, so that another run seldom meets it."""
    worker = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0)
    own = _PORTS[worker % _WORKERS :: _WORKERS]
    return cycle(random.SystemRandom().sample(own, len(own)))
