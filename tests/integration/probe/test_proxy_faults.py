"""Proxies that refuse, that are none, or that break every rule of theirs."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

import pytest

from tests.support.smtp.by_proxy import by_proxy, concluded, outcome
from tests.support.smtp.peer import Connection, running_peer
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services.conn_tester.tools import Tools


def saying(text: bytes | str) -> Callable[[Connection], Awaitable[None]]:
    async def say(connection: Connection) -> None:
        while await connection.line():
            pass
        await connection.send(text)

    return say


def at_once(text: bytes) -> Callable[[Connection], Awaitable[None]]:
    async def say(connection: Connection) -> None:
        await connection.send(text)
        await connection.gone()

    return say


async def closing(connection: Connection) -> None:
    await connection.read()


async def resetting(connection: Connection) -> None:
    await connection.read()
    connection.reset()


async def silent(connection: Connection) -> None:
    await connection.gone()


async def waiting_for_the_server(connection: Connection) -> None:
    request = await connection.line()
    if request.startswith("CONNECT"):
        await connection.gone()
    await connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")


async def endless(connection: Connection) -> None:
    await connection.send("HTTP/1.1 200 yes\r\n")
    while True:
        await connection.send("X-More: " + "m" * 4000 + "\r\n")


@pytest.mark.parametrize(
    ("behave", "code"),
    [
        (saying("HTTP/1.1 407 Who\r\n\r\n"), "proxy_auth_required"),
        (saying("HTTP/1.0 403 No\n\n"), "proxy_denied"),
        (saying("HTTP/1.1 405 No\r\n\r\n"), "proxy_denied"),
        (saying("HTTP/1.1 504 Late\r\n\r\n"), "proxy_target_unreachable"),
        (saying("HTTP/1.1 302 There\r\nLocation: http://x\r\n\r\n"), "proxy_protocol_error"),
        (saying("HTTP/2 200\r\n\r\n"), "proxy_protocol_error"),
        (saying("HTTP/1.1 2OO odd\r\n\r\n"), "proxy_protocol_error"),
        (saying("HTTP/1.1 200 cut"), "proxy_protocol_error"),
        (at_once(b"220 mail ready\r\n"), "proxy_protocol_error"),
        (at_once(b"\x15\x03\x01\x00\x02\x02\x32"), "proxy_protocol_error"),
        (closing, "proxy_protocol_error"),
        (resetting, "proxy_protocol_error"),
        (silent, "proxy_protocol_error"),
        (endless, "proxy_protocol_error"),
        (waiting_for_the_server, "proxy_target_unreachable"),
    ],
)
def test_what_http_proxies_answer_is_told_apart(
    tools: Tools, behave: Callable[[Connection], Awaitable[None]], code: str
) -> None:
    with running_peer(behave) as proxy:
        result = outcome(tools, 587, by_proxy(proxy.port))
    assert (result.code, result.step) == (code, "proxy")


def socks(*answers: bytes) -> Callable[[Connection], Awaitable[None]]:
    async def speak(connection: Connection) -> None:
        for answer in answers:
            await connection.read()
            await connection.send(answer)
        await connection.gone()

    return speak


OPEN = b"\x05\x00"
BOUND = b"\x00\x01\x00\x00\x00\x00\x00\x00"


@pytest.mark.parametrize(
    ("behave", "code"),
    [
        (socks(b"\x05\xff"), "proxy_auth_required"),
        (socks(b"\x05\x02"), "proxy_auth_required"),
        (socks(b"\x05\x07"), "proxy_protocol_error"),
        (socks(b"\x04\x5a"), "proxy_protocol_error"),
        (socks(b"HTTP/1.1 400 what\r\n\r\n"), "proxy_protocol_error"),
        (socks(OPEN, b"\x05\x02" + BOUND), "proxy_denied"),
        (socks(OPEN, b"\x05\x03" + BOUND), "proxy_target_unreachable"),
        (socks(OPEN, b"\x05\x05" + BOUND), "proxy_target_unreachable"),
        (socks(OPEN, b"\x05\x08" + BOUND), "proxy_protocol_error"),
        (socks(OPEN, b"\x05\x99" + BOUND), "proxy_protocol_error"),
        (socks(OPEN, b"\x04\x00" + BOUND), "proxy_protocol_error"),
        (socks(OPEN, b"\x05\x00\x00\x09"), "proxy_protocol_error"),
        (closing, "proxy_protocol_error"),
        (silent, "proxy_protocol_error"),
        (socks(OPEN), "proxy_target_unreachable"),
    ],
)
def test_what_socks_proxies_answer_is_told_apart(
    tools: Tools, behave: Callable[[Connection], Awaitable[None]], code: str
) -> None:
    with running_peer(behave) as proxy:
        result = outcome(tools, 587, by_proxy(proxy.port, "socks"))
    assert (result.code, result.step) == (code, "proxy")


@pytest.mark.parametrize(
    "bound",
    [
        b"\x05\x00\x00\x03\x04here\x00\x19",
        b"\x05\x00\x00\x04" + bytes(16) + b"\x00\x19",
    ],
)
def test_no_byte_of_the_server_is_lost_behind_the_proxys_answer(tools: Tools, bound: bytes) -> None:
    async def speak(connection: Connection) -> None:
        await connection.read()
        await connection.send(OPEN)
        await connection.read()
        await connection.send(bound + b"220 at once\r\n")
        await SmtpScript(banner="")(connection)

    with running_peer(speak) as proxy:
        result = outcome(tools, 587, by_proxy(proxy.port, "socks"))
    assert (result.code, result.server and result.server["banner"]) == ("ok", "at once")


def test_a_password_that_the_proxy_echoes_is_not_told(tools: Tools) -> None:
    async def echo(connection: Connection) -> None:
        blob = ""
        while line := await connection.line():
            if line.startswith("Proxy-Authorization"):
                blob = line.split()[-1]
        assert b64decode(blob) == b"courier:secret-of-the-proxy"
        await connection.send(f"HTTP/1.1 407 {blob} secret-of-the-proxy\r\n\r\n")

    properties = {"mail.smtp.proxy.user": "courier"}
    secrets = {"mail.smtp.proxy.password": "secret-of-the-proxy"}
    with running_peer(echo) as proxy:
        result = outcome(tools, 587, by_proxy(proxy.port) | properties, secrets)
    assert concluded(result) == ("proxy_auth_required", "proxy", "HTTP/1.1 407 *** ***")


def test_a_proxy_with_a_line_break_in_its_name_is_refused(tools: Tools) -> None:
    result = outcome(tools, 587, {"mail.smtp.proxy.host": "proxy\r\nX: y"})
    assert (result.code, result.step) == ("control_characters", "config")
    assert outcome(tools, 587, by_proxy(70_000)).code == "port_invalid"
