"""How often a principal may ask for a connection test (RELAYBOOK_TEST_RATE), in this process."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from flask import current_app

from services.config_api.http.auth import current_caller
from services.config_api.http.problems import Problem

if TYPE_CHECKING:
    from services.config_api.settings_values import Rate

EXTENSION = "relaybook-rates"


@dataclass(frozen=True, slots=True)
class Asked:
    """When each principal asked lately, on the monotonic clock."""

    times: dict[str, deque[float]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def seconds_to_wait(self, who: str, rate: Rate, now: float) -> float:
        """Note that somebody asks; seconds to wait where that is too often, then not noted."""
        with self.lock:
            times = self.times.setdefault(who, deque())
            while times and times[0] <= now - rate.seconds:
                times.popleft()
            if len(times) >= rate.count:
                return times[0] + rate.seconds - now
            times.append(now)
            return 0.0


def within_rate(rate: Rate | None) -> None:
    """Raise Problem `too-many-requests` where the caller asks too often; None is no limit."""
    if rate is None:
        return
    asked: Asked = current_app.extensions[EXTENSION]
    wait = asked.seconds_to_wait(current_caller().principal.actor, rate, time.monotonic())
    if wait > 0:
        headers = {"Retry-After": str(math.ceil(wait))}
        facts = {"count": rate.count, "seconds": rate.seconds}
        raise Problem("too-many-requests", "rate", facts=facts, headers=headers)
