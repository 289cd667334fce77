"""Asks a proxy for a connection to a server: HTTP CONNECT (RFC 9110) and SOCKS 5 (RFC 1928)."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, NamedTuple

from services.conn_tester.reply import shown

if TYPE_CHECKING:
    import socket

    from services.conn_tester.behaviour import Proxy

_LONGEST_HEAD: Final = 16_384
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])(?: [^\r\n]*)?\r?\n")
_GOOD: Final = range(200, 300)
_AUTH: Final = frozenset({401, 407})  # tinyproxy says the first to a wrong password
_NO_WAY: Final = frozenset({404, 408, 500, 502, 503, 504})
_CLIENT_ERRORS: Final = range(402, 500)

_SOCKS: Final = 5
_NO_METHOD: Final = 0xFF
_BY_PASSWORD: Final = 2
_IPV4, _NAME, _IPV6 = 1, 3, 4
_SOCKS_REPLIES: Final = {
    1: ("proxy_target_unreachable", "general failure"),
    2: ("proxy_denied", "not allowed by ruleset"),
    3: ("proxy_target_unreachable", "network unreachable"),
    4: ("proxy_target_unreachable", "host unreachable"),
    5: ("proxy_target_unreachable", "connection refused"),
    6: ("proxy_target_unreachable", "TTL expired"),
    7: ("proxy_protocol_error", "command not supported"),
    8: ("proxy_protocol_error", "address type not supported"),
}


class TunnelRefused(Exception):
    """The proxy made no connection: `code` is the catalogue's, `reply` its words, escaped."""

    def __init__(self, code: str, reply: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.reply = reply


class Goal(NamedTuple):
    """The server behind the proxy: a name or an address, and the port."""

    host: str
    port: int


async def open_tunnel(sock: socket.socket, proxy: Proxy, goal: Goal, *, limit_s: float) -> None:
    """Have the proxy connect; afterwards the socket is the server's, and no byte of it is read.

    Raises TunnelRefused, OSError, and TimeoutError where an HTTP proxy does not answer: it may be
    waiting for the server, or be none.
    """
    if proxy.kind == "http":
        async with asyncio.timeout(limit_s):
            await _by_http(sock, proxy, goal)
    else:
        await _by_socks(sock, goal, limit_s)


async def answers_http(sock: socket.socket) -> bool:
    """Tell whether a peer answers a plain request at all; raises OSError."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, b"OPTIONS * HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n")
    return (await loop.sock_recv(sock, 5)).startswith(b"HTTP/")


async def _by_http(sock: socket.socket, proxy: Proxy, goal: Goal) -> None:
    loop = asyncio.get_running_loop()
    host = f"[{goal.host}]" if ":" in goal.host else goal.host
    head = [f"CONNECT {host}:{goal.port} HTTP/1.1", f"Host: {host}:{goal.port}"]
    if proxy.user is not None and proxy.password is not None:
        blob = b64encode(f"{proxy.user}:{proxy.password.reveal()}".encode()).decode("ascii")
        head.append(f"Proxy-Authorization: Basic {blob}")
    await loop.sock_sendall(sock, "".join(f"{line}\r\n" for line in (*head, "")).encode())
    answer = await _head(sock)
    match = _STATUS.match(answer)
    said = _first_line(answer)
    if match is None:
        raise TunnelRefused("proxy_protocol_error", said)
    status = int(match[1])
    if status not in _GOOD:
        raise TunnelRefused(_http_code(status), said)


def _http_code(status: int) -> str:
    if status in _AUTH:
        return "proxy_auth_required"
    if status in _NO_WAY:
        return "proxy_target_unreachable"
    return "proxy_denied" if status in _CLIENT_ERRORS else "proxy_protocol_error"


async def _head(sock: socket.socket) -> bytes:
    """Read up to the blank line, byte by byte: what follows is the server's."""
    loop = asyncio.get_running_loop()
    head = b""
    while not head.endswith((b"\r\n\r\n", b"\n\n")):
        byte = await loop.sock_recv(sock, 1)
        head += byte
        foreign = len(head) == len(b"HTTP/") and head != b"HTTP/"
        if not byte or foreign or len(head) > _LONGEST_HEAD:
            raise TunnelRefused("proxy_protocol_error", _first_line(head))
    return head


def _first_line(head: bytes) -> str | None:
    line = head.partition(b"\n")[0].rstrip(b"\r")
    return shown(line.decode("utf-8", "backslashreplace")) or None


async def _by_socks(sock: socket.socket, goal: Goal, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await _let_in(sock)
    except TimeoutError:
        raise TunnelRefused("proxy_protocol_error") from None
    try:
        async with asyncio.timeout(limit_s):
            await _led_on(sock, goal)
    except TimeoutError:
        raise TunnelRefused("proxy_target_unreachable") from None


async def _let_in(sock: socket.socket) -> None:
    """Offer no sign-in: Jakarta Mail has no properties for one."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, bytes((_SOCKS, 1, 0)))
    version, method = await _exactly(sock, 2)
    if version != _SOCKS:
        raise TunnelRefused("proxy_protocol_error", shown(f"{version:#04x} {method:#04x}"))
    if method in {_NO_METHOD, _BY_PASSWORD}:
        raise TunnelRefused("proxy_auth_required", f"method {method:#04x}")
    if method != 0:
        raise TunnelRefused("proxy_protocol_error", f"method {method:#04x}")


async def _led_on(sock: socket.socket, goal: Goal) -> None:
    loop = asyncio.get_running_loop()
    request = bytes((_SOCKS, 1, 0)) + _address(goal.host) + goal.port.to_bytes(2, "big")
    await loop.sock_sendall(sock, request)
    version, code, _, kind = await _exactly(sock, 4)
    if version != _SOCKS:
        raise TunnelRefused("proxy_protocol_error", f"version {version:#04x}")
    if code != 0:
        refusal, words = _SOCKS_REPLIES.get(code, ("proxy_protocol_error", "unknown reply"))
        raise TunnelRefused(refusal, f"{code:#04x} {words}")
    await _skip_address(sock, kind)


def _address(host: str) -> bytes:
    try:
        address = ip_address(host)
    except ValueError:
        name = host.encode("ascii")
        return bytes((_NAME, len(name))) + name
    return bytes((_IPV4 if address.version == 4 else _IPV6,)) + address.packed  # noqa: PLR2004 -- IP


async def _skip_address(sock: socket.socket, kind: int) -> None:
    """Read over the address and port that the proxy dials from."""
    sizes = {_IPV4: 4, _IPV6: 16}
    size = (await _exactly(sock, 1))[0] if kind == _NAME else sizes.get(kind)
    if size is None:
        raise TunnelRefused("proxy_protocol_error", f"address type {kind:#04x}")
    await _exactly(sock, size + 2)


async def _exactly(sock: socket.socket, count: int) -> bytes:
    loop = asyncio.get_running_loop()
    data = b""
    while len(data) < count:
        part = await loop.sock_recv(sock, count - len(data))
        if not part:
            raise TunnelRefused("proxy_protocol_error")
        data += part
    return data
