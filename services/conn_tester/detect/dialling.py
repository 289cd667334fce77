"""Connections of a detection: names looked up once, every address judged, the peer compared."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING

from services.conn_tester.wire import Wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from events.reach import ReachPolicy
    from services.conn_tester.tools import Tools


async def judged_addresses(
    host: str, port: int, policy: ReachPolicy, tools: Tools, limit_s: float
) -> tuple[str, ...]:
    """Return a name's addresses, IPv4 first, none where one of them may not be reached.

    Raises LookupFailed.
    """
    absolute = f"{host}."  # this network's own search list has no say in foreign domains
    addresses = await tools.names.addresses(absolute, limit_s=limit_s)
    if not all(policy.permits(address, port) for address in addresses):
        return ()
    return tuple(sorted(addresses, key=lambda address: ":" in address))


@asynccontextmanager
async def opened(address: str, port: int) -> AsyncIterator[Wire]:
    """Give a connection to one address; raises OSError. The time limit is the caller's."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setblocking(False)  # noqa: FBT003 -- the standard library's signature
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
        if ip_address(sock.getpeername()[0]) != ip_address(address):
            raise OSError("another address answers than the one that was judged")
        yield Wire(sock)
