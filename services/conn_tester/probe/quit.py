"""Step `quit`: the farewell; a server that does not answer it is only warned of."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from services.conn_tester.dialogue import DialogueError

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe

_PATIENCE_S: Final = 5.0
_AFTER_FAILURE_S: Final = 0.2


async def say_quit(probe: Probe, detail: dict[str, Any]) -> None:
    """Say QUIT and wait a little for the answer."""
    try:
        limit_s = min(_PATIENCE_S, probe.limits.read_s)
        reply = await probe.talk.ask("QUIT", limit_s=limit_s)
        detail["reply"] = reply.quoted
    except DialogueError:
        probe.record.warn("quit_no_answer")


async def leave(probe: Probe) -> None:
    """Take leave of a server after the conclusion, as far as it still listens."""
    if probe.dialogue is None or probe.banner is None:
        return
    with suppress(DialogueError):
        await probe.dialogue.ask("QUIT", limit_s=_AFTER_FAILURE_S)
