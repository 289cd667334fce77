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
    from collections.abc import Iterable, Sequence

    from services.conn_tester.probe.state import Probe

_HEAD_START_S: Final = 0.25
_MOST_RACED: Final = 6  # the other connections are for second looks


async def connect(probe: Probe, detail: dict[str, Any]) -> None:
    """Connect to the first address that answers; warn of those that failed before."""
    failures: dict[str, OSError] = {}
    address, sock, cost_s = await race(probe, probe.addresses, probe.target.port, failures)
    take_up(probe, address, sock)
    detail["address"] = address
    detail["port"] = probe.target.port
    if failures:
        _warn(probe, failures, cost_s, detail)


def take_up(probe: Probe, address: str, sock: socket.socket) -> None:
    """Make a connection the one of the attempt."""
    probe.address = address
    probe.ehlo_name = own_name(probe, sock.getsockname()[0])
    probe.wire = Wire(sock)
    write_limit_s = probe.target.behaviour.write_limit_s
    probe.dialogue = Dialogue(probe.wire, probe.journal, write_limit_s=write_limit_s)


async def dial(probe: Probe, address: str, port: int, *, local_port: int = 0) -> socket.socket:
    """Return a connection to one address; raises OSError, TimeoutError within the limit.

    Another port than the setting's must have been judged like it.

    Raises Concluded where the local address asked for cannot be used.
    """
    probe.count_connection()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(0)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _bind(sock, probe.target.local_address, local_port)
        async with asyncio.timeout(probe.limits.connect_s):
            loop = asyncio.get_running_loop()
            await loop.sock_connect(sock, (address, port))
        _check_peer(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


def _check_peer(sock: socket.socket, address: str) -> None:
    peer = sock.getpeername()[0]
    if peer != address and ip_address(peer) != ip_address(address):
        raise OSError("another address answers than the one that was judged")


def _bind(sock: socket.socket, local_address: str | None, local_port: int) -> None:
    if local_address is None and not local_port:
        return
    any_address = "::" if sock.family == socket.AF_INET6 else "0.0.0.0"  # noqa: S104 -- a client's end
    try:
        if local_address is not None:
            ip_address(local_address)  # a name is not looked up for this
        if local_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the last test's may linger
        sock.bind((local_address or any_address, local_port))
    except (ValueError, OverflowError, OSError) as error:
        errno = getattr(error, "errno", None)
        if isinstance(error, OSError) and errno not in LOCAL_ADDRESS_ERRORS:
            raise
        asked = f"{local_address or any_address}:{local_port}" if local_port else local_address
        raise conclude("local_address_invalid", local_address=asked) from None


async def race(
    probe: Probe, addresses: Sequence[str], port: int, failures: dict[str, OSError]
) -> tuple[str, socket.socket, float]:
    """Return the first address that answers, its connection, and how long after the start it began.

    `failures` gets the addresses that failed, and those that began before the winner and were
    still silent when it had answered.
    """
    if len(addresses) == 1:
        return await _alone(probe, addresses[0], port, failures)
    waiting = interleaved(addresses)[:_MOST_RACED]
    running: dict[asyncio.Task[socket.socket], str] = {}
    begun: dict[str, float] = {}
    local_port = probe.target.behaviour.local_port
    try:
        while waiting or running:
            if waiting:
                address = waiting.pop(0)
                begun[address] = probe.tools.clock()
                dialling = dial(probe, address, port, local_port=local_port)
                running[asyncio.create_task(dialling)] = address
            done, _ = await asyncio.wait(
                running,
                timeout=_HEAD_START_S if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                address = running.pop(task)
                try:
                    sock = task.result()
                except OSError as error:
                    failures[address] = error
                else:
                    earlier = [one for one in running.values() if begun[one] < begun[address]]
                    failures.update(dict.fromkeys(earlier, TimeoutError()))
                    return address, sock, begun[address] - min(begun.values())
    finally:
        await _give_up(running)
    raise _unreached(probe, port, failures)


async def _alone(
    probe: Probe, address: str, port: int, failures: dict[str, OSError]
) -> tuple[str, socket.socket, float]:
    """Return the only address and its connection: a race of one needs no tasks."""
    try:
        sock = await dial(probe, address, port, local_port=probe.target.behaviour.local_port)
    except OSError as error:
        failures[address] = error
        raise _unreached(probe, port, failures) from None
    return address, sock, 0.0


def _unreached(probe: Probe, port: int, failures: dict[str, OSError]) -> Concluded:
    limit_ms = in_ms(probe.limits.connect_s)
    return Concluded(judge_failures(failures, port=port, limit_ms=limit_ms))


async def _give_up(running: Iterable[asyncio.Task[socket.socket]]) -> None:
    for task in running:
        task.cancel()
        with suppress(OSError, Concluded, asyncio.CancelledError):
            (await task).close()


def interleaved(addresses: Iterable[str]) -> list[str]:
    """Return the addresses with the families in turn, IPv6 first (RFC 8305 4)."""
    listed = list(addresses)
    six = [address for address in listed if ":" in address]
    four = [address for address in listed if ":" not in address]
    return [address for address in chain(*zip_longest(six, four)) if address is not None]


def _warn(
    probe: Probe, failures: dict[str, OSError], cost_s: float, detail: dict[str, Any]
) -> None:
    detail["failed"] = list(failures)
    six = [address for address in failures if ":" in address]
    works_with_four = probe.address is not None and ":" not in probe.address
    if six and works_with_four:
        probe.record.warn("ipv6_broken", addresses=six, cost_ms=in_ms(cost_s))
    if others := [address for address in failures if not (address in six and works_with_four)]:
        probe.record.warn("address_failed", addresses=others)
