"""Steps `banner` and `ehlo`: who speaks there, and what it offers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from services.conn_tester.diagnosis.finding import Concluded, Finding
from services.conn_tester.diagnosis.greeting import (
    judge_ehlo,
    judge_foreign,
    judge_greeting,
)
from services.conn_tester.diagnosis.tls import judge_ended_tls, plain_text, speaks_tls
from services.conn_tester.dialogue import (
    DialogueError,
    HungUp,
    NotAReply,
    Silent,
    TlsBroke,
    Unfinished,
    WasReset,
)
from services.conn_tester.limits import in_ms
from services.conn_tester.probe import look
from services.conn_tester.probe.extensions import offered_mechanisms, read_extensions

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe
    from services.conn_tester.reply import ServerReply

_SLOW_S: Final = 5.0
_UNKNOWN_COMMAND: Final = frozenset({500, 502})
_OK: Final = 250


async def greet(probe: Probe, detail: dict[str, Any]) -> None:
    """Read the greeting; what is silent or odd gets a ClientHello to tell what it is."""
    begun = probe.tools.clock()
    try:
        reply = await _greeting(probe)
    except NotAReply as error:
        await _conclude_if_tls(probe)
        raise Concluded(judge_foreign(error.text)) from None
    except DialogueError as error:
        if isinstance(error, HungUp | WasReset):
            await _conclude_if_tls(probe)
        raise Concluded(_without_greeting(probe, error)) from None
    probe.banner = detail["banner"] = reply.shown
    seconds = probe.tools.clock() - begun
    if seconds > _SLOW_S:
        probe.record.warn("slow_greeting", seconds=round(seconds, 1))
    if (finding := judge_greeting(reply)) is not None:
        raise Concluded(finding)


async def say_ehlo(probe: Probe, detail: dict[str, Any]) -> None:
    """Say EHLO, and HELO to a server that knows nothing newer."""
    detail["name"] = probe.ehlo_name
    try:
        reply = await _ask(probe, f"EHLO {probe.ehlo_name}")
        if reply.code in _UNKNOWN_COMMAND:
            reply = await _fall_back(probe, reply)
    except DialogueError as error:
        raise Concluded(_without_ehlo(probe, error)) from None
    finding = judge_ehlo(reply, name=probe.ehlo_name, banner=probe.banner or "")
    if finding is not None:
        raise Concluded(finding)
    detail.update(take_extensions(probe, reply))


def take_extensions(probe: Probe, reply: ServerReply) -> dict[str, Any]:
    """Keep what a reply to EHLO offers, in place of what was before; return it as a detail."""
    probe.extensions = read_extensions(reply)
    mechanisms = offered_mechanisms(probe.extensions)
    return {
        "extensions": list(probe.extensions),
        **({"mechanisms": list(mechanisms)} if mechanisms else {}),
    }


async def _greeting(probe: Probe) -> ServerReply:
    """Return the greeting, unless a look beside the waiting tells first what the port is."""
    reading = asyncio.create_task(probe.talk.reply(limit_s=probe.limits.read_s))
    looking = asyncio.create_task(_look_if_late(probe))
    try:
        await asyncio.wait((reading, looking), return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            await looking
        return await reading
    finally:
        for task in (reading, looking):
            task.cancel()
        await asyncio.gather(reading, looking, return_exceptions=True)


async def _look_if_late(probe: Probe) -> None:
    await asyncio.sleep(probe.limits.patience_s)
    await _conclude_if_tls(probe)


async def _conclude_if_tls(probe: Probe) -> None:
    """Raise Concluded where the port, unsecured so far, answers a ClientHello by TLS or HTTP."""
    if probe.tls is not None:
        return
    opening = await look.first_bytes_after_hello(probe)
    if speaks_tls(opening):
        raise Concluded(Finding(code="port_expects_tls", fix={"security": "implicit_tls"}))
    text = plain_text(opening)
    if text is not None and (finding := judge_foreign(text)).code != "not_smtp":
        raise Concluded(finding)


def _without_greeting(probe: Probe, error: DialogueError) -> Finding:
    limit = {"limit_ms": in_ms(probe.limits.read_s)}
    match error:
        case TlsBroke():
            return judge_ended_tls(error.error)
        case HungUp():
            return Finding(code="closed_before_greeting")
        case WasReset():
            return Finding(code="connection_reset", facts={"address": probe.address})
        case Unfinished():
            return Finding(code="too_slow", facts=limit)
    return Finding(code="no_greeting", facts=limit)


async def _ask(probe: Probe, command: str) -> ServerReply:
    return await probe.talk.ask(command, limit_s=probe.limits.read_s)


async def _fall_back(probe: Probe, refusal: ServerReply) -> ServerReply:
    reply = await _ask(probe, f"HELO {probe.ehlo_name}")
    if reply.code == _OK:
        probe.record.warn("helo_fallback", reply=refusal.quoted)
    return reply


def _without_ehlo(probe: Probe, error: DialogueError) -> Finding:
    name = {"ehlo_name": probe.ehlo_name}
    match error:
        case HungUp() | TlsBroke():
            return Finding(code="closed_after_ehlo", facts=name)
        case WasReset():
            return Finding(code="connection_reset", facts={"address": probe.address})
        case NotAReply():
            foreign = judge_foreign(error.text)
            if foreign.code != "not_smtp":
                return foreign
            return Finding(code="protocol_error", facts={"reply": error.text})
        case Silent() | Unfinished():
            return Finding(code="too_slow", facts={"limit_ms": in_ms(probe.limits.read_s)})
    return Finding(code="protocol_error")
