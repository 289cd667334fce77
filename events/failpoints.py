"""Named places at which a test may kill the process, to prove that nothing is lost there.

None is armed unless RELAYBOOK_FAILPOINT names one in the environment, as `name` or `name:n`: the
n-th passing then kills the process as a power cut would, without a word and without clean-up.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE: Final = "RELAYBOOK_FAILPOINT"

#: Every name with the moment that it stands for.
NAMES: Final = {
    "append.begun": "an append is checked, nothing is sent to the database",
    "append.chunk": "a chunk of an append is written, its transaction is open",
    "append.written": "all of an append is written, its transaction is open",
    "append.committed": "an append is committed, nobody was told",
    "cursor.moving": "a cursor is moved, its transaction is open",
    "cursor.moved": "a cursor is moved and committed",
    "publish.begun": "a page has a connection, nothing of it is sent",
    "publish.sent": "a page is sent, nothing of it is confirmed",
    "publish.confirmed": "the broker has confirmed a page, the publisher has not said so",
    "settle.acking": "a delivery is done, the broker was not told",
    "settle.acked": "the broker was told that a delivery is done",
    "relay.published": "a page of the log is on the bus, the cursor is where it was",
    "relay.next-attempt": "an attempt was given up for the next, whose message is not sent",
    "relay.dispatched": "work was sent again, which is not noted",
    "results.received": "a result was received, nothing is recorded",
    "results.recorded": "a result is recorded, its message is not acknowledged",
    "claim.opened": "the answer of a claim is at hand, the attempt is not taken",
    "claim.taken": "an attempt is taken, the tester has no answer",
    "tester.received": "a tester holds a message, nothing is claimed",
    "tester.claimed": "a tester has claimed an attempt, nothing is probed",
    "tester.probed": "a tester has a result, nothing is sent",
    "tester.reported": "a result is on the bus, the work is not acknowledged",
    "import.decided": "an import is read and decided, its transaction has not begun",
    "rebuild.folded": "the events are folded, nothing is exchanged",
    "rebuild.staged": "the new rows of a table stand beside the live ones",
    "rebuild.exchanged": "the rows of a table are exchanged, the transaction is open",
    "rebuild.swapped": "the rows of a table are exchanged for good, other tables wait",
    "seal.read": "a page of events is hashed again, nothing is signed",
    "seal.signed": "a checkpoint is signed, nothing is stored",
    "seal.stored": "a checkpoint is stored, its file is not written",
    "seal.told": "a checkpoint is stored and in its file",
    "key-file.drafted": "a new file of master keys lies beside the one in use",
    "rotation.added": "the file holds the new master key, nothing is wrapped by it",
    "rotation.retired": "the old master keys wrap no more, the new one wraps nothing yet",
    "rotation.wrapped": "some tenants' keys are wrapped anew",
    "rotation.recorded": "the rotation is an event, the file still holds the old key",
    "migration.begun": "a migration has the lock, nothing is changed",
    "migration.step": "a revision is applied, the transaction is open",
    "migration.done": "all revisions are committed",
    "wakeup.sending": "a signal was asked for, nothing is sent",
}


def reach(name: str) -> None:
    """Pass a failpoint of `NAMES`."""
    if _armed is not None:
        _armed(name)


def arm(text: str | None) -> None:
    """Kill this process at what RELAYBOOK_FAILPOINT says; nothing is armed by an empty text.

    Raises ValueError for a name that is not listed, or a number below 1.
    """
    watch(_killer(text) if text else None)


def watch(passed: Callable[[str], None] | None) -> None:
    """Tell `passed` each name as it is reached, nobody where it is None."""
    global _armed  # noqa: PLW0603 -- one process, one kill
    _armed = passed


def _killer(text: str) -> Callable[[str], None]:
    wanted, _, number = text.partition(":")
    left = int(number or "1")
    if wanted not in NAMES or left < 1:
        raise ValueError(f"{VARIABLE} is no failpoint: {text}")

    def passed(name: str) -> None:
        nonlocal left
        if name == wanted:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return passed


_armed: Callable[[str], None] | None = None
arm(os.environ.get(VARIABLE))
