"""A received message that any thread may settle once; its consumer does the rest."""

from __future__ import annotations

from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING

from events.bus.port import BusError

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.bus.port import Message


class Outcome(Enum):
    """What becomes of a delivery."""

    ACK = "ack"
    RETRY = "retry"
    PARK = "park"


class AlreadySettled(BusError):
    """A delivery was settled twice; only the first time counts."""


class SettledOnce:
    """A delivery that passes its outcome (and the reason, if parked) to `settle`."""

    def __init__(
        self,
        message: Message,
        *,
        routing_key: str,
        redelivered: bool,
        settle: Callable[[Outcome, str], None],
    ) -> None:
        self.message = message
        self.routing_key = routing_key
        self.redelivered = redelivered
        self._settle = settle
        self._settled = Lock()

    def ack(self) -> None:
        self._once(Outcome.ACK, "")

    def retry(self) -> None:
        self._once(Outcome.RETRY, "")

    def park(self, reason: str) -> None:
        self._once(Outcome.PARK, reason)

    def _once(self, outcome: Outcome, reason: str) -> None:
        if not self._settled.acquire(blocking=False):
            raise AlreadySettled(f"message {self.message.id} was settled before")
        self._settle(outcome, reason)
