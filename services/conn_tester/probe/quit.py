"""Step `quit`: the farewell; a server that does not answer it is only warned of."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from services.conn_tester.dialogue import DialogueError

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe

_AFTER_FAILURE_S: Final = 0.2
_OK: Final = 250
_CLOSING: Final = 421


async def say_quit(probe: Probe, detail: dict[str, Any]) -> None:
    """Say QUIT and wait a little for the answer, unless a property says not to wait."""
    behaviour = probe.target.behaviour
    if behaviour.keepalive is not None:
        await _ask_whether_alive(probe, behaviour.keepalive)
    if not behaviour.waits_for_quit:
        with suppress(DialogueError):
            await probe.talk.tell("QUIT", limit_s=probe.limits.farewell_s)
        return
    try:
        reply = await probe.talk.ask("QUIT", limit_s=probe.limits.farewell_s)
        detail["reply"] = reply.quoted
    except DialogueError:
        probe.record.warn("quit_no_answer")


async def leave(probe: Probe) -> None:
    """Take leave of a server after the conclusion, as far as it still listens."""
    if probe.dialogue is None or probe.banner is None:
        return
    rejected = not probe.ehlo_said
    if rejected and probe.target.behaviour.quits_on_rejection is False:
        return
    with suppress(DialogueError):
        await probe.dialogue.ask("QUIT", limit_s=_AFTER_FAILURE_S)


async def _ask_whether_alive(probe: Probe, command: str) -> None:
    """Ask as Jakarta Mail does before it uses an open connection again."""
    try:
        reply = await probe.talk.ask(command, limit_s=probe.limits.farewell_s)
    except DialogueError:
        probe.record.warn("noop_refused", command=command, reply=None)
        return
    strict = probe.target.behaviour.keepalive_strict
    alive = reply.code == _OK if strict else reply.code != _CLOSING
    if not alive:
        probe.record.warn("noop_refused", command=command, reply=reply.quoted)
