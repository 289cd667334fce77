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

_SLOW_S: Final = 3.0
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
        elif isinstance(error, Silent) and probe.tls is not None:
            _conclude_if_foreign((await look.answer_to_hello(probe, greets=False)).words)
        raise Concluded(_without_greeting(probe, error)) from None
    probe.banner = detail["banner"] = reply.shown
    seconds = probe.tools.clock() - begun
    if seconds > _SLOW_S:
        probe.record.warn("slow_greeting", seconds=round(seconds, 1))
    if (finding := judge_greeting(reply)) is not None:
        raise Concluded(finding)


async def say_ehlo(probe: Probe, detail: dict[str, Any]) -> None:
    """Say EHLO, and HELO to a server that knows nothing newer."""
    probe.ehlo_said = True
    detail["name"] = probe.ehlo_name
    behaviour = probe.target.behaviour
    if not behaviour.says_ehlo:
        probe.record.warn("helo_only", name=behaviour.prefix + "ehlo")
    try:
        reply = await _ask(probe, f"{_verb(probe)} {probe.ehlo_name}")
        if reply.code in _UNKNOWN_COMMAND and behaviour.says_ehlo:
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
    try:
        await asyncio.wait((reading,), timeout=probe.limits.patience_s)
        if not reading.done():
            await _look_meanwhile(probe, reading)
        return await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _look_meanwhile(probe: Probe, reading: asyncio.Task[ServerReply]) -> None:
    looking = asyncio.create_task(_conclude_if_tls(probe))
    try:
        await asyncio.wait((reading, looking), return_when=asyncio.FIRST_COMPLETED)
        if not reading.done() or isinstance(reading.exception(), Silent):
            await looking
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _conclude_if_tls(probe: Probe) -> None:
    """Raise Concluded where the port, unsecured so far, answers a ClientHello by TLS or HTTP."""
    if probe.tls is not None:
        return
    answered = await look.answer_to_hello(probe)
    if speaks_tls(answered.opening):
        _conclude_if_foreign(answered.words)
        raise Concluded(Finding(code="port_expects_tls", fix={"security": "implicit_tls"}))
    _conclude_if_foreign(plain_text(answered.opening))


def _conclude_if_foreign(words: str | None) -> None:
    """Raise Concluded where words, with or without TLS, are those of another known protocol."""
    if words is not None and (finding := judge_foreign(words)).code != "not_smtp":
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


def _verb(probe: Probe) -> str:
    return "EHLO" if probe.target.behaviour.says_ehlo else "HELO"


async def _fall_back(probe: Probe, refusal: ServerReply) -> ServerReply:
    reply = await _ask(probe, f"HELO {probe.ehlo_name}")
    if reply.code == _OK:
        probe.record.warn("helo_fallback", reply=refusal.quoted)
    return reply


def _without_ehlo(probe: Probe, error: DialogueError) -> Finding:
    limit_ms = in_ms(probe.limits.read_s)
    match error:
        case HungUp() | TlsBroke():
            return Finding(code="closed_after_ehlo", facts={"ehlo_name": probe.ehlo_name})
        case WasReset():
            return Finding(code="connection_reset", facts={"address": probe.address})
        case NotAReply():
            foreign = judge_foreign(error.text)
            broken = Finding(code="protocol_error", facts={"reply": error.text})
            return broken if foreign.code == "not_smtp" else foreign
        case Silent():
            return Finding(code="reply_timeout", facts={"command": "EHLO", "limit_ms": limit_ms})
    return Finding(code="too_slow", facts={"limit_ms": limit_ms})
