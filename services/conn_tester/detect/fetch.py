"""Reads one small file over https, from a judged address, without redirects."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import h11

from services.conn_tester.detect.dialling import judged_addresses, opened
from services.conn_tester.names import LookupFailed
from services.conn_tester.wire import WireError

if TYPE_CHECKING:
    from services.conn_tester.tools import Tools
    from services.conn_tester.wire import Wire

HTTPS: Final = 443
LARGEST: Final = 256 * 1024
_OK: Final = 200
_NOTHING: Final = (OSError, TimeoutError, LookupFailed, WireError, h11.ProtocolError)


async def fetch(host: str, path: str, tools: Tools, *, port: int, limit_s: float) -> bytes | None:
    """Return the file at `https://host/path`, None where there is none that may be read.

    One address is dialled, its certificate is checked, and what is larger than 256 KiB or not
    answered with 200 is no file.
    """
    try:
        async with asyncio.timeout(limit_s):
            addresses = await judged_addresses(host, port, tools.web_policy, tools, limit_s)
            if not addresses:
                return None
            async with opened(addresses[0], port) as wire:
                await wire.secure(tools.contexts.verifying((), None), host)
                return await _body(wire, host if port == HTTPS else f"{host}:{port}", path)
    except _NOTHING:
        return None


async def _body(wire: Wire, authority: str, path: str) -> bytes | None:
    connection = h11.Connection(h11.CLIENT)
    request = h11.Request(
        method="GET",
        target=path,
        headers=[
            ("Host", authority),
            ("User-Agent", "relaybook-tester"),
            ("Accept", "text/xml, application/xml"),
            ("Connection", "close"),
        ],
    )
    await wire.send(connection.send(request) + connection.send(h11.EndOfMessage()))
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await wire.receive())
        elif isinstance(event, h11.Response):
            if event.status_code != _OK:
                return None
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > LARGEST:
                return None
        elif isinstance(event, h11.EndOfMessage):
            return body
