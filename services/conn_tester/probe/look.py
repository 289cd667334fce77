"""Second looks: a further connection that tells apart what the first one left open."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.conn_tester.contexts import VERSIONS
from services.conn_tester.diagnosis.finding import Concluded
from services.conn_tester.dialogue import Dialogue, DialogueError
from services.conn_tester.journal import Journal
from services.conn_tester.probe.connect import dial
from services.conn_tester.probe.extensions import read_extensions
from services.conn_tester.wire import TlsFailed, Wire, WireError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from services.conn_tester.probe.state import Probe
    from services.conn_tester.reply import ServerReply

_NOT_SEEN = (OSError, WireError, DialogueError, Concluded)
_READY = 220


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainSeen:
    """A server that greets in plain text, and whether it offers STARTTLS."""

    greeting: ServerReply
    offers_starttls: bool


async def first_bytes_after_hello(probe: Probe) -> bytes:
    """Say ClientHello to the port; return the answer's first bytes, none where there is none."""
    context = probe.tools.contexts.trusting(tuple(VERSIONS))
    try:
        async with _connection(probe) as wire, asyncio.timeout(probe.limits.look_s):
            await wire.secure(context, probe.target.host)
            return b"\x16\x03"  # a handshake that succeeds began with such a record
    except TlsFailed as error:
        return error.opening
    except _NOT_SEEN:
        return b""


async def plain_greeting(probe: Probe) -> PlainSeen | None:
    """Say nothing first, then EHLO; None where no SMTP server greets in plain text."""
    limit_s = probe.limits.look_s
    try:
        async with _connection(probe) as wire:
            dialogue = _unnoted(probe, wire)
            greeting = await dialogue.reply(limit_s=limit_s)
            answer = await dialogue.ask(f"EHLO {probe.ehlo_name}", limit_s=limit_s)
            return PlainSeen(
                greeting=greeting, offers_starttls="STARTTLS" in read_extensions(answer)
            )
    except _NOT_SEEN:
        return None


async def refused_chain(probe: Probe) -> list[bytes]:
    """Return the chain (DER) of a server whose certificate was refused, none if it is not seen."""
    context = probe.tools.contexts.trusting(probe.target.tls_protocols)
    wire = None
    try:
        async with _connection(probe) as wire, asyncio.timeout(probe.limits.look_s):
            await _secured(probe, wire, context)
            return wire.peer_chain()
    except _NOT_SEEN:
        return []


async def accepted_versions(probe: Probe, versions: Iterable[str]) -> list[str]:
    """Return those TLS versions that the server agrees to, by one handshake a version."""
    return [version for version in versions if await _accepts(probe, version)]


async def _accepts(probe: Probe, version: str) -> bool:
    context = probe.tools.contexts.trusting((version,))
    try:
        async with _connection(probe) as wire, asyncio.timeout(probe.limits.look_s):
            await _secured(probe, wire, context)
            return True
    except _NOT_SEEN:
        return False


async def _secured(probe: Probe, wire: Wire, context: ssl.SSLContext) -> None:
    limit_s = probe.limits.look_s
    if probe.target.security == "starttls":
        dialogue = _unnoted(probe, wire)
        await dialogue.reply(limit_s=limit_s)
        await dialogue.ask(f"EHLO {probe.ehlo_name}", limit_s=limit_s)
        answer = await dialogue.ask("STARTTLS", limit_s=limit_s)
        if answer.code != _READY or dialogue.take_unread():
            raise WireError
    await wire.secure(context, probe.target.host)


@asynccontextmanager
async def _connection(probe: Probe) -> AsyncIterator[Wire]:
    wire = Wire(await dial(probe, probe.address or probe.addresses[0]))
    try:
        yield wire
    finally:
        wire.close()


def _unnoted(probe: Probe, wire: Wire) -> Dialogue:
    """Return a dialogue that stays out of the transcript, which is of the first connection."""
    return Dialogue(wire, Journal(elapsed_ms=lambda: 0.0, scrub=probe.journal.scrub))
