"""Settles deliveries on the consuming thread, whichever thread decided."""

from __future__ import annotations

import heapq
import logging
from collections import deque
from itertools import count
from typing import TYPE_CHECKING

from events.bus.broker.publisher import KombuPublisher
from events.bus.delivery import Outcome
from events.bus.port import NotPublished
from events.bus.topology import DEAD_LETTERS, DELIVERY_LIMIT
from events.bus.wire import dead_letter
from events.failpoints import reach

if TYPE_CHECKING:
    from events.bus.broker.broker import Broker
    from events.bus.broker.held import Held
    from events.bus.broker.wake import Wake

logger = logging.getLogger(__name__)


class Settling:
    """The outcomes of one session's deliveries, done now or when their time has come."""

    def __init__(self, broker: Broker, *, queue: str, wake: Wake) -> None:
        self._queue = queue
        self._pace = broker.pace
        self._wake = wake
        self._decided: deque[tuple[Held, Outcome, str]] = deque()
        self._later: list[tuple[float, int, Held, Outcome, str]] = []
        self._order = count()
        self._parking = KombuPublisher(broker)

    def decide(self, held: Held, outcome: Outcome, reason: str = "") -> None:
        """Take a decision to the consuming thread; any thread."""
        self._decided.append((held, outcome, reason))
        self._wake.set()

    def perform(self, now: float) -> None:
        """Do what was decided and is due; raises the broker's trouble."""
        while self._decided:
            held, outcome, reason = self._decided.popleft()
            if outcome is Outcome.RETRY:
                self._retry(held, now)
            else:
                self._settle(held, outcome, reason, now)
        while self._later and self._later[0][0] <= now:
            _, _, held, outcome, reason = heapq.heappop(self._later)
            self._settle(held, outcome, reason, now)

    def due_in(self, now: float) -> float | None:
        """Return the seconds until something is due, None where nothing waits."""
        return max(0.0, self._later[0][0] - now) if self._later else None

    def close(self) -> None:
        """End the connection for dead letters."""
        self._parking.close()

    def _retry(self, held: Held, now: float) -> None:
        """Give a message back after a pause, or park it when it came often enough."""
        deliveries = held.received.deliveries
        if deliveries >= DELIVERY_LIMIT and self._queue != DEAD_LETTERS:
            self._settle(held, Outcome.PARK, f"given up after {deliveries} deliveries", now)
            return
        pause = self._pace.retry[min(deliveries, len(self._pace.retry)) - 1]
        self._defer(held, Outcome.RETRY, "", now + pause)

    def _settle(self, held: Held, outcome: Outcome, reason: str, now: float) -> None:
        if outcome is Outcome.ACK:
            reach("settle.acking")
            held.raw.ack()
            reach("settle.acked")
        elif outcome is Outcome.RETRY or self._queue == DEAD_LETTERS:
            held.raw.requeue()
        else:
            self._park(held, reason, now)

    def _park(self, held: Held, reason: str, now: float) -> None:
        """Acknowledge only once the dead letter is confirmed."""
        letter = dead_letter(held.received, queue=self._queue, reason=reason)
        try:
            self._parking.send([letter])
        except NotPublished as error:
            logger.warning("message %s is not parked yet: %s", letter.message_id, error)
            self._defer(held, Outcome.PARK, reason, now + self._pace.park_again)
            return
        logger.warning("message %s of %s was parked: %s", letter.message_id, self._queue, reason)
        held.raw.ack()

    def _defer(self, held: Held, outcome: Outcome, reason: str, due: float) -> None:
        heapq.heappush(self._later, (due, next(self._order), held, outcome, reason))
