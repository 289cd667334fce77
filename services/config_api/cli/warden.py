"""Ends the supervisor's children when the supervisor itself is killed.

It reads process groups from a pipe that the supervisor holds open: `+GROUP` when a child starts,
`-GROUP` when it has ended. The pipe's end is the supervisor's end, by `kill -9` too. A pipe rather
than `PR_SET_PDEATHSIG`: that is Linux only, reaches the child alone and not the workers that it
forked, and needs code between fork and exec; a group can be ended whole.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

GRACE_S: Final = 10.0
_LOOK_S: Final = 0.1


def living(lines: Iterable[str]) -> set[int]:
    """Return the groups that were announced and not taken back, once the lines have ended."""
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        (groups.add if line.startswith("+") else groups.discard)(group)
    return groups


def end_groups(groups: Collection[int], *, grace_s: float = GRACE_S) -> None:
    """Ask each group's leader to end, then end what is left of the group by force."""
    for group in groups:
        with suppress(ProcessLookupError):
            os.kill(group, signal.SIGTERM)
    until = monotonic() + grace_s
    while monotonic() < until and any(map(_lives, groups)):
        sleep(_LOOK_S)
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    """Wait for the end of stdin; signals to the supervisor's terminal or group do not end it."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end_groups(living(sys.stdin))


if __name__ == "__main__":
    main()
