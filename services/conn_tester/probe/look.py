"""Second looks: a further connection that tells apart what the first one left open."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.conn_tester.contexts import VERSIONS
from services.conn_tester.diagnosis.finding import Concluded
from services.conn_tester.dialogue import Dialogue, DialogueError, NotAReply, Silent
from services.conn_tester.journal import Journal
from services.conn_tester.probe.connect import dial
from services.conn_tester.probe.extensions import read_extensions
from services.conn_tester.probe.proxy import dial_by_proxy
from services.conn_tester.wire import TlsFailed, Wire, WireError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from events.smtp_setting import Security
    from services.conn_tester.probe.state import Probe
    from services.conn_tester.reply import ServerReply

_NOT_SEEN = (OSError, WireError, DialogueError, Concluded)
_READY = 220
_OK = 250


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainSeen:
    """A server that greets in plain text, and whether it offers STARTTLS."""

    greeting: ServerReply
    offers_starttls: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What a port says to a ClientHello: its first bytes, and its first words if TLS came about."""

    opening: bytes
    words: str | None = None


async def answer_to_hello(probe: Probe, *, greets: bool = True) -> Answered:
    """Say ClientHello to the port, and EHLO under TLS to a peer that does not speak first.

    Without `greets` it is known that it does not, so that nobody waits for it again.
    """
    context = probe.tools.contexts.trusting(tuple(VERSIONS))
    try:
        async with _connection(probe) as wire:
            async with asyncio.timeout(probe.limits.look_s):
                await wire.secure(context, probe.target.host)
            # a handshake that succeeds began with such a record
            return Answered(
                opening=b"\x16\x03", words=await _first_words(probe, wire, greets=greets)
            )
    except TlsFailed as error:
        return Answered(opening=error.opening)
    except _NOT_SEEN:
        return Answered(opening=b"")


async def _first_words(probe: Probe, wire: Wire, *, greets: bool) -> str | None:
    """Return the first line of a peer that is no SMTP server, None of one that may be."""
    dialogue = _unnoted(probe, wire)
    limit_s = probe.limits.patience_s
    try:
        if not greets or await _is_silent(dialogue, limit_s):  # as a web server is, until asked
            await dialogue.ask(f"EHLO {probe.ehlo_name}", limit_s=limit_s)
    except NotAReply as error:
        return error.text
    except (DialogueError, WireError):
        pass
    return None


async def _is_silent(dialogue: Dialogue, limit_s: float) -> bool:
    try:
        await dialogue.reply(limit_s=limit_s)
    except Silent:
        return True
    return False


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


async def takes_mail(probe: Probe, port: int, security: Security, *, signs_in: bool) -> bool:
    """Tell whether an SMTP server answers at another port with that security (and AUTH)."""
    context = probe.tools.contexts.trusting(())
    limit_s = probe.limits.look_s
    try:
        async with asyncio.timeout(limit_s), _connection(probe, port) as wire:
            dialogue = _unnoted(probe, wire)
            await _secured(probe, wire, context, dialogue, security)
            if security == "implicit_tls":
                await dialogue.reply(limit_s=limit_s)
            answer = await dialogue.ask(f"EHLO {probe.ehlo_name or 'localhost'}", limit_s=limit_s)
            return answer.code == _OK and (not signs_in or "AUTH" in read_extensions(answer))
    except _NOT_SEEN:
        return False


async def refused_chain(probe: Probe) -> list[bytes]:
    """Return the chain (DER) of a server whose certificate was refused, none if it is not seen."""
    context = probe.tools.contexts.trusting(probe.target.tls_protocols)
    wire = None
    try:
        async with _connection(probe) as wire, asyncio.timeout(probe.limits.look_s):
            await _secured(probe, wire, context, _unnoted(probe, wire), probe.target.security)
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
            await _secured(probe, wire, context, _unnoted(probe, wire), probe.target.security)
            return True
    except _NOT_SEEN:
        return False


async def _secured(
    probe: Probe, wire: Wire, context: ssl.SSLContext, dialogue: Dialogue, security: Security
) -> None:
    limit_s = probe.limits.look_s
    if security != "implicit_tls":
        await dialogue.reply(limit_s=limit_s)
        await dialogue.ask(f"EHLO {probe.ehlo_name or 'localhost'}", limit_s=limit_s)
        answer = await dialogue.ask("STARTTLS", limit_s=limit_s)
        if answer.code != _READY or dialogue.take_unread():
            raise WireError
    await wire.secure(context, probe.target.host)


@asynccontextmanager
async def _connection(probe: Probe, port: int | None = None) -> AsyncIterator[Wire]:
    proxy = probe.target.behaviour.proxy
    address, port = probe.address or probe.addresses[0], port or probe.target.port
    dialled = dial_by_proxy(probe, proxy, port) if proxy else dial(probe, address, port)
    wire = Wire(await dialled)
    try:
        yield wire
    finally:
        wire.close()


def _unnoted(probe: Probe, wire: Wire) -> Dialogue:
    """Return a dialogue that stays out of the transcript, which is of the first connection."""
    return Dialogue(wire, Journal(elapsed_ms=lambda: 0.0, scrub=probe.journal.scrub))
