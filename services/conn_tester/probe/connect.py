"""Step `tcp`: IPv6 and IPv4 raced (RFC 8305), only to judged addresses."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from ipaddress import ip_address
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, Final

from services.conn_tester.diagnosis.finding import Concluded, conclude
from services.conn_tester.diagnosis.network import LOCAL_ADDRESS_ERRORS, judge_failures
from services.conn_tester.dialogue import Dialogue
from services.conn_tester.limits import in_ms
from services.conn_tester.probe.own_name import own_name
from services.conn_tester.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.conn_tester.probe.state import Probe

_HEAD_START_S: Final = 0.25
_MOST_RACED: Final = 6  # the other connections are for second looks


async def connect(probe: Probe, detail: dict[str, Any]) -> None:
    """Connect to the first address that answers; warn of those that failed before."""
    failures: dict[str, OSError] = {}
    probe.address, sock = await _race(probe, failures)
    probe.ehlo_name = own_name(probe, sock.getsockname()[0])
    probe.wire = Wire(sock)
    probe.dialogue = Dialogue(probe.wire, probe.journal)
    detail["address"] = probe.address
    detail["port"] = probe.target.port
    if failures:
        _warn(probe, failures, detail)


async def dial(probe: Probe, address: str) -> socket.socket:
    """Return a connection to one address; raises OSError, TimeoutError within the limit.

    Raises Concluded where the local address asked for cannot be used.
    """
    probe.count_connection()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(0)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _bind(sock, probe.target.local_address)
        async with asyncio.timeout(probe.limits.connect_s):
            loop = asyncio.get_running_loop()
            await loop.sock_connect(sock, (address, probe.target.port))
        _check_peer(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


def _check_peer(sock: socket.socket, address: str) -> None:
    if ip_address(sock.getpeername()[0]) != ip_address(address):
        raise OSError("another address answers than the one that was judged")


def _bind(sock: socket.socket, local_address: str | None) -> None:
    if local_address is None:
        return
    try:
        ip_address(local_address)  # a name is not looked up for this
        sock.bind((local_address, 0))
    except (ValueError, OSError) as error:
        errno = getattr(error, "errno", None)
        if isinstance(error, OSError) and errno not in LOCAL_ADDRESS_ERRORS:
            raise
        raise conclude("local_address_invalid", local_address=local_address) from None


async def _race(probe: Probe, failures: dict[str, OSError]) -> tuple[str, socket.socket]:
    waiting = _interleaved(probe.addresses)[:_MOST_RACED]
    running: dict[asyncio.Task[socket.socket], str] = {}
    try:
        while waiting or running:
            if waiting:
                address = waiting.pop(0)
                running[asyncio.create_task(dial(probe, address))] = address
            done, _ = await asyncio.wait(
                running,
                timeout=_HEAD_START_S if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                try:
                    sock = task.result()
                except OSError as error:
                    failures[running.pop(task)] = error
                else:
                    return running.pop(task), sock
    finally:
        await _give_up(running)
    raise Concluded(judge_failures(failures, limit_ms=in_ms(probe.limits.connect_s)))


async def _give_up(running: Iterable[asyncio.Task[socket.socket]]) -> None:
    for task in running:
        task.cancel()
        with suppress(OSError, Concluded, asyncio.CancelledError):
            (await task).close()


def _interleaved(addresses: Iterable[str]) -> list[str]:
    listed = list(addresses)
    six = [address for address in listed if ":" in address]
    four = [address for address in listed if ":" not in address]
    return [address for address in chain(*zip_longest(six, four)) if address is not None]


def _warn(probe: Probe, failures: dict[str, OSError], detail: dict[str, Any]) -> None:
    detail["failed"] = list(failures)
    six = [address for address in failures if ":" in address]
    works_with_four = probe.address is not None and ":" not in probe.address
    if six and works_with_four:
        probe.record.warn("ipv6_broken", addresses=six)
    if others := [address for address in failures if not (address in six and works_with_four)]:
        probe.record.warn("address_failed", addresses=others)
