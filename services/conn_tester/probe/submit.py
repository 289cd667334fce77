"""Steps `mail`, `rcpt` and `data`: the envelope, and one message for the depth `send`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from services.conn_tester.diagnosis.finding import Concluded, Finding, conclude
from services.conn_tester.diagnosis.submission import Submission, judge_submission
from services.conn_tester.diagnosis.tls import judge_ended_tls
from services.conn_tester.dialogue import (
    DialogueError,
    NotAReply,
    Silent,
    TlsBroke,
    Unfinished,
)
from services.conn_tester.limits import in_ms
from services.conn_tester.probe.message import compose

if TYPE_CHECKING:
    from services.conn_tester.assignment import Envelope
    from services.conn_tester.diagnosis.submission import Part
    from services.conn_tester.probe.state import Probe
    from services.conn_tester.reply import ServerReply

_ACCEPTED: Final = frozenset({250, 251, 252})
_GO_AHEAD: Final = 354


async def say_mail(probe: Probe, detail: dict[str, Any]) -> None:
    """Name the sender (RFC 5321 4.1.1.2), with UTF-8 only where it is needed and offered."""
    envelope = _envelope(probe)
    detail["sender"] = envelope.sender
    if envelope.needs_utf8 and "SMTPUTF8" not in probe.extensions:
        raise conclude("smtputf8_not_offered", address=envelope.non_ascii)
    parameters = _parameters(probe, envelope)
    if parameters:
        detail["parameters"] = list(parameters)
    command = " ".join((f"MAIL FROM:<{envelope.sender}>", *parameters))
    await _say(probe, "mail", command, detail)


async def say_rcpt(probe: Probe, detail: dict[str, Any]) -> None:
    """Name the one recipient."""
    recipient = _envelope(probe).recipient
    detail["recipient"] = recipient
    await _say(probe, "rcpt", f"RCPT TO:<{recipient}>", detail)


async def take_back(probe: Probe) -> None:
    """Forget the envelope, so that nothing is sent; QUIT alone would do the same."""
    with suppress(DialogueError):
        await probe.talk.ask("RSET", limit_s=probe.limits.farewell_s)


async def say_data(probe: Probe, detail: dict[str, Any]) -> None:
    """Hand over one message, once: without an answer nobody knows whether it was taken."""
    utf8 = _envelope(probe).needs_utf8
    message_id, content = compose(probe.assignment, at=probe.tools.now(), utf8=utf8)
    detail.update(message_id=message_id, size=len(content))
    limit_s = probe.limits.read_s
    try:
        reply = await probe.talk.ask("DATA", limit_s=limit_s)
        if reply.code == _GO_AHEAD:
            reply = await probe.talk.deliver(content, limit_s=limit_s)
        elif reply.code in _ACCEPTED:  # and would take the next command for the message
            raise Concluded(_broken(reply))
    except DialogueError as error:
        raise Concluded(_without_answer(probe, "data", error)) from None
    _take(probe, "data", reply, detail)


def _envelope(probe: Probe) -> Envelope:
    envelope = probe.assignment.envelope
    if envelope is None:
        raise RuntimeError("a test without addresses has no envelope")
    return envelope


def _parameters(probe: Probe, envelope: Envelope) -> tuple[str, ...]:
    wanted = envelope.needs_utf8 or probe.target.behaviour.allows_utf8
    if not wanted or "SMTPUTF8" not in probe.extensions:
        return ()
    return ("BODY=8BITMIME", "SMTPUTF8") if "8BITMIME" in probe.extensions else ("SMTPUTF8",)


async def _say(probe: Probe, part: Part, command: str, detail: dict[str, Any]) -> None:
    try:
        reply = await probe.talk.ask(command, limit_s=probe.limits.read_s)
    except DialogueError as error:
        raise Concluded(_without_answer(probe, part, error)) from None
    _take(probe, part, reply, detail)


def _take(probe: Probe, part: Part, reply: ServerReply, detail: dict[str, Any]) -> None:
    detail["reply"] = reply.quoted
    if reply.code in _ACCEPTED:
        return
    envelope = _envelope(probe)
    raise Concluded(
        judge_submission(
            reply,
            Submission(
                part=part,
                sender=envelope.sender,
                recipient=envelope.recipient,
                user=probe.signed_in_as,
                encrypted=probe.tls is not None,
                starttls_offered="STARTTLS" in probe.extensions,
                ehlo_name=probe.ehlo_name,
            ),
        )
    )


def _broken(reply: ServerReply) -> Finding:
    return Finding(code="protocol_error", facts={"reply": reply.quoted}, reply=reply)


def _without_answer(probe: Probe, part: Part, error: DialogueError) -> Finding:
    match error:
        case NotAReply():
            return Finding(code="protocol_error", facts={"reply": error.text})
        case Unfinished():
            return Finding(code="too_slow", facts={"limit_ms": in_ms(probe.limits.read_s)})
        case Silent():
            facts = {"command": part.upper(), "limit_ms": in_ms(probe.limits.read_s)}
            return Finding(code="reply_timeout", facts=facts)
    if part == "data":
        return Finding(code="closed_in_data", facts={"recipient": _envelope(probe).recipient})
    if isinstance(error, TlsBroke):
        return judge_ended_tls(error.error)
    return Finding(code="connection_reset", facts={"address": probe.address})
