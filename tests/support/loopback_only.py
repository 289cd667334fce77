"""Refuses each connection beyond this machine: a test neither leaks there nor depends on it."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATCHED: Final = ("connect", "connect_ex", "sendto")
_attempts: list[str] = []


class BeyondLoopback(RuntimeError):
    """A test, or what it tests, addressed another machine."""


def is_loopback(host: str) -> bool:
    """Return whether an address, or the name `localhost`, stays on this machine."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def refuse_beyond_loopback(family: int, address: Any) -> None:
    """Raise `BeyondLoopback` for an Internet address of another machine, and remember it."""
    if family not in {socket.AF_INET, socket.AF_INET6} or is_loopback(str(address[0])):
        return
    attempt = f"{address[0]} port {address[1]}"
    _attempts.append(attempt)
    message = f"tests stay on loopback, but something addressed {attempt}"
    raise BeyondLoopback(message)


def _guarded(original: Callable[..., Any]) -> Callable[..., Any]:
    def guard(sock: socket.socket, *args: Any) -> Any:
        refuse_beyond_loopback(sock.family, args[-1])
        return original(sock, *args)

    return guard


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in PATCHED:
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        yield


@pytest.fixture(autouse=True)
def _no_swallowed_attempt() -> Iterator[None]:
    """Fail a test whose code swallowed the refusal."""
    _attempts.clear()
    yield
    attempts = list(_attempts)
    _attempts.clear()
    if attempts:
        pytest.fail(f"tests stay on loopback, but this one addressed {', '.join(attempts)}")
