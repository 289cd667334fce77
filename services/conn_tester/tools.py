"""What every attempt of a tester shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from events.reach import ReachPolicy
    from services.conn_tester.contexts import Contexts
    from services.conn_tester.names import Names


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """Policy, name look-up, TLS contexts and clocks (`clock` in seconds, `now` aware).

    `web_policy` is the policy for https. `machine` is the name of this machine, for EHLO.
    """

    policy: ReachPolicy
    web_policy: ReachPolicy
    names: Names
    contexts: Contexts
    clock: Callable[[], float]
    now: Callable[[], datetime]
    machine: str
