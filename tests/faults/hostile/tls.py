"""Hand-made ways to be hostile below the words: records, alerts, slow and endless handshakes."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Final

from tests.faults.hostile.behaviour import Behaviour, codes
from tests.faults.hostile.certificates import ODD
from tests.faults.hostile.faults import DRIP_S
from tests.faults.hostile.identity import authority, server_context
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from tests.faults.hostile.behaviour import Act
    from tests.support.smtp.peer import Connection

_FATAL: Final = 2
_WARNING: Final = 1
_ALERTS: Final = {
    0: "close notify", 10: "unexpected message", 20: "bad record MAC", 40: "handshake failure",
    42: "bad certificate", 46: "certificate unknown", 48: "unknown CA", 70: "protocol version",
    71: "insufficient security", 80: "internal error", 90: "user cancelled",
    112: "unrecognised name", 116: "certificate required", 255: "an unknown one",
}  # fmt: skip
_HELLO_REQUEST: Final = b"\x16\x03\x03\x00\x04\x00\x00\x00\x00"


def alert(level: int, number: int) -> bytes:
    """Return an alert as a record of its own (RFC 8446 6)."""
    return b"\x15\x03\x03\x00\x02" + bytes([level, number])


def answering_hello(data: bytes, *, forever: bool = False, slowly: bool = False) -> Act:
    """Return a server that answers a ClientHello by these bytes, once or for ever."""

    async def act(connection: Connection) -> None:
        await connection.read()
        while True:
            if slowly:
                await _drip(connection, data)
            else:
                await connection.send(data)
            if not forever:
                break
        await connection.gone()

    return act


async def _drip(connection: Connection, data: bytes) -> None:
    for byte in data:
        await connection.send(bytes([byte]))
        await asyncio.sleep(DRIP_S)


def hanging_up_on_hello(data: bytes = b"") -> Act:
    async def act(connection: Connection) -> None:
        await connection.read()
        await connection.send(data)

    return act


def after_handshake(data: bytes, *, forever: bool = False) -> Act:
    """Return a server that leaves TLS after a good handshake and sends these bytes as they are."""

    async def act(connection: Connection) -> None:
        await connection.secure(server_context())
        connection.writer.write(data)
        while forever:
            connection.writer.write(data)
            await connection.writer.drain()
        await connection.writer.drain()
        await connection.gone()

    return act


async def resets_on_hello(connection: Connection) -> None:
    await connection.read()
    connection.reset()


async def echoes_hello(connection: Connection) -> None:
    while data := await connection.read():
        await connection.send(data)


async def hangs_up_secured(connection: Connection) -> None:
    await connection.secure(server_context())


async def resets_secured(connection: Connection) -> None:
    await connection.secure(server_context())
    connection.reset()


async def is_silent_secured(connection: Connection) -> None:
    await connection.secure(server_context())
    await connection.gone()


async def endless_secured(connection: Connection) -> None:
    await connection.secure(server_context())
    while True:
        await connection.send(b"220-" + b"x" * 200 + b"\r\n")


async def one_byte_records(connection: Connection) -> None:
    await connection.secure(server_context())
    for byte in b"220 mx.acme.example\r\n":
        await connection.send(bytes([byte]))
    await SmtpScript(banner="")(connection)


async def endless_tickets(connection: Connection) -> None:
    """Send as many session tickets as OpenSSL allows, which is no reply."""
    context = authority().issue().context()
    context.num_tickets = 250
    await connection.secure(context)
    await SmtpScript()(connection)


async def wants_another_version(connection: Connection) -> None:
    context = authority().issue().context()
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    await connection.secure(context)


async def asks_for_a_certificate(connection: Connection) -> None:
    context = authority().issue().context()
    context.verify_mode = ssl.CERT_REQUIRED
    await connection.secure(context)
    await SmtpScript()(connection)


def with_chain(name: str) -> Act:
    """Return a well-behaved server with one of the odd certificates."""

    async def act(connection: Connection) -> None:
        await connection.secure(ODD[name].context())
        await SmtpScript()(connection)

    return act


_BROKEN: Final = "server_tls_broken handshake_failed port_expects_plain not_smtp"
_ENDED: Final = "closed_in_handshake protocol_version"
_MANY: Final = f"{_BROKEN} {_ENDED} no_common_cipher client_certificate_required"
_SLOW: Final = "handshake_timeout deadline_exceeded"
_RAW: Final = (
    ("a record of garbage", _BROKEN, answering_hello(b"\x16\x03\x03\x00\x20" + b"\xaa" * 32)),
    ("a record of 64 KB", _BROKEN, answering_hello(b"\x16\x03\x03\xff\xff" + b"\x02" * 65_535)),
    ("a record that does not end", _SLOW, answering_hello(b"\x16\x03\x03\x40\x00\x02")),
    ("endless zeros", _BROKEN, answering_hello(bytes(9000), forever=True)),
    ("endless ones", _BROKEN, answering_hello(b"\xff" * 9000, forever=True)),
    ("empty records without end", f"{_BROKEN} {_SLOW}",
     answering_hello(b"\x16\x03\x03\x00\x00" * 500, forever=True)),
    ("HelloRequest without end", f"{_BROKEN} {_SLOW}",
     answering_hello(_HELLO_REQUEST * 500, forever=True)),
    ("change cipher spec without end", f"{_BROKEN} {_SLOW}",
     answering_hello(b"\x14\x03\x03\x00\x01\x01" * 500, forever=True)),
    ("warnings without end", f"{_BROKEN} {_SLOW}",
     answering_hello(alert(_WARNING, 90) * 500, forever=True)),
    ("a huge message", f"{_BROKEN} {_SLOW}",
     answering_hello(b"\x16\x03\x03\x40\x00\x0b\xff\xff\xff" + bytes(16_380), forever=True)),
    ("an SSLv2 answer", _BROKEN, answering_hello(b"\x80\x2e\x04\x00\x01\x00\x02" + bytes(40))),
    ("plain text with ANSI", _BROKEN, answering_hello(b"\x1b[31m<script>\r\n")),
    ("an HTTP answer", "not_smtp_http", answering_hello(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
    ("a slow handshake", _SLOW, answering_hello(b"\x16\x03\x03\x00\x5a\x02", slowly=True)),
    ("slow plain text", f"{_BROKEN} {_SLOW}", answering_hello(b"220 hello", slowly=True)),
    ("silence", _SLOW, answering_hello(b"")),
    ("the ClientHello itself", _BROKEN, echoes_hello),
    ("hangs up", _ENDED, hanging_up_on_hello()),
    ("hangs up within a record", _ENDED, hanging_up_on_hello(b"\x16\x03\x03\x40")),
    ("a reset", _ENDED, resets_on_hello),
    ("hangs up when secured", "closed_before_greeting", hangs_up_secured),
    ("resets when secured", "connection_reset closed_before_greeting", resets_secured),
    ("silence when secured", "no_greeting", is_silent_secured),
    ("endless when secured", "too_slow", endless_secured),
    ("one byte a record", "ok", one_byte_records),
    ("250 tickets", "ok", endless_tickets),
    ("TLS 1.1 only", "protocol_version", wants_another_version),
    ("asks for a certificate", "client_certificate_required", asks_for_a_certificate),
    ("plain text behind the handshake", "server_tls_broken",
     after_handshake(b"220 mx.acme.example\r\n")),
    ("garbage behind the handshake", "server_tls_broken",
     after_handshake(b"\x17\x03\x03\x00\x20" + b"\xaa" * 32)),
    ("zeros behind the handshake", "server_tls_broken", after_handshake(bytes(9000), forever=True)),
    ("an open alert behind the handshake", "server_tls_broken client_certificate_required",
     after_handshake(alert(_FATAL, 40))),
    *((f"alert: {name}", _MANY, answering_hello(alert(_FATAL, number)))
      for number, name in _ALERTS.items()),
    *((f"alert, then hangs up: {name}", _MANY, hanging_up_on_hello(alert(_FATAL, number)))
      for number, name in _ALERTS.items()),
)  # fmt: skip

TLS: Final = (
    *(
        Behaviour(name=f"TLS: {name}", codes=codes(right), security="implicit_tls", act=act)
        for name, right, act in _RAW
    ),
    *(
        Behaviour(
            name=f"certificate: {name}",
            codes=codes(odd.codes),
            security="implicit_tls",
            act=with_chain(name),
        )
        for name, odd in ODD.items()
    ),
)
