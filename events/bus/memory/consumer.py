"""Receives from a queue of its process."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from events.bus.delivery import AlreadySettled, Outcome, SettledOnce
from events.bus.memory.broker import unread
from events.bus.topology import DEAD_LETTERS, DELIVERY_LIMIT
from events.bus.wire import Received, Undecodable, as_message, dead_letter, examine

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.bus.memory.broker import MemoryBroker
    from events.bus.port import Delivery, Message

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A queue; one with bindings is its consumer's own."""

    queue: str
    prefetch: int
    bindings: tuple[tuple[str, str], ...] | None = None


class MemoryConsumer:
    """Takes messages of one queue until it is stopped, then gives back what it holds."""

    def __init__(self, broker: MemoryBroker, source: Source) -> None:
        self._broker = broker
        self._source = source
        self._held: dict[int, Received] = {}
        self._stopped = False

    def run(self, handle: Callable[[Delivery], None]) -> None:
        self._open()
        try:
            while (received := self._next()) is not None:
                self._deliver(received, handle)
        finally:
            self._close()

    def stop(self) -> None:
        with self._broker.changed:
            self._stopped = True
            self._broker.changed.notify_all()

    def _open(self) -> None:
        with self._broker.changed:
            for exchange, key in self._source.bindings or ():
                self._broker.queues.setdefault(self._source.queue, deque())
                self._broker.bindings[exchange].append((key, self._source.queue))

    def _close(self) -> None:
        with self._broker.changed:
            for exchange, key in self._source.bindings or ():
                self._broker.bindings[exchange].remove((key, self._source.queue))
            if self._source.bindings is not None:
                self._broker.queues.pop(self._source.queue, None)
            else:
                self._broker.queues[self._source.queue].extendleft(reversed(self._held.values()))
            self._held.clear()
            self._broker.changed.notify_all()

    def _next(self) -> Received | None:
        """Return the next message as soon as there is room for one; None when stopped."""
        with self._broker.changed:
            self._broker.changed.wait_for(lambda: self._stopped or self._ready())
            if self._stopped:
                return None
            taken = self._broker.queues[self._source.queue].popleft()
            received = replace(
                taken, deliveries=taken.deliveries + 1, redelivered=taken.deliveries > 0
            )
            if self._source.bindings is None:
                self._held[id(received)] = received
            return received

    def _ready(self) -> bool:
        return bool(self._broker.queues.get(self._source.queue)) and (
            len(self._held) < self._source.prefetch
        )

    def _deliver(self, received: Received, handle: Callable[[Delivery], None]) -> None:
        message = self._examined(received)
        if message is None:
            return
        delivery = SettledOnce(
            message,
            routing_key=received.routing_key,
            redelivered=received.redelivered,
            settle=partial(self._settle, received),
        )
        try:
            handle(delivery)
        except Exception:
            logger.exception("message %s was not handled", message.id)
            with suppress(AlreadySettled):
                delivery.retry()

    def _examined(self, received: Received) -> Message | None:
        """Return the message, or None where it was parked for what it is."""
        if self._source.queue == DEAD_LETTERS:
            return as_message(received)
        if received.deliveries > DELIVERY_LIMIT:
            self._settle(received, Outcome.RETRY, "")
            return None
        try:
            return examine(received)
        except Undecodable as error:
            self._settle(received, Outcome.PARK, str(error))
            return None

    def _settle(self, received: Received, outcome: Outcome, reason: str) -> None:
        with self._broker.changed:
            if self._held.pop(id(received), None) is None:
                return
            if outcome is Outcome.ACK:
                pass
            elif self._source.queue == DEAD_LETTERS:
                self._put_back(received)
            elif outcome is Outcome.PARK:
                self._park(received, reason)
            elif received.deliveries >= DELIVERY_LIMIT:
                self._park(received, f"given up after {DELIVERY_LIMIT} deliveries")
            else:
                self._put_back(received)
            self._broker.changed.notify_all()

    def _put_back(self, received: Received) -> None:
        self._broker.queues[self._source.queue].append(received)

    def _park(self, received: Received, reason: str) -> None:
        letter = dead_letter(received, queue=self._source.queue, reason=reason)
        self._broker.queues[DEAD_LETTERS].append(unread(letter))
