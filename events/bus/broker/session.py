"""One connection of a consumer, from declaring its queue to giving back what it holds."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from kombu import Consumer

from events.bus.broker.held import Held, hold
from events.bus.broker.settling import Settling
from events.bus.delivery import AlreadySettled, Outcome, SettledOnce
from events.bus.topology import DELIVERY_LIMIT
from events.bus.wire import Undecodable, as_message, examine

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.bus.broker.broker import Broker
    from events.bus.broker.subscription import Subscription
    from events.bus.broker.wake import Wake
    from events.bus.port import Delivery, Message

logger = logging.getLogger(__name__)

#: How many events of a connection are read before what came is handed on.
_BATCH: Final = 256


class Session:
    """Belongs to the consuming thread; only deliveries are settled from others."""

    def __init__(self, broker: Broker, subscription: Subscription, wake: Wake) -> None:
        self._broker = broker
        self._subscription = subscription
        self._wake = wake
        self._settling = Settling(broker, queue=subscription.name, wake=wake)
        self._arrived: list[Any] = []
        self._connection = broker.connect(heartbeat=True)
        try:
            self._consume()
        except Exception:
            self.abandon()
            raise

    def step(self, handle: Callable[[Delivery], None]) -> None:
        """Settle what is due, wait for messages at most a moment, hand them to `handle`."""
        self._settling.perform(time.monotonic())
        self._read()
        if not self._arrived:
            self._broker.wait(self._connection, self._wake, self._patience())
            self._read()
        self._connection.heartbeat_check()
        arrived, self._arrived[:] = list(self._arrived), []
        for raw in arrived:
            self._deliver(hold(raw), handle)

    def close(self) -> None:
        """Settle what was decided, give the rest back, close the connection.

        The answer to the cancellation comes after the broker took the acknowledgements; RabbitMQ
        drops those that it has not worked off when the channel closes.
        """
        self._settling.perform(time.monotonic())
        self._consumer.cancel()
        self._settling.close()
        self._connection.release()

    def abandon(self) -> None:
        """Forget a connection that is of no use any more."""
        self._settling.close()
        self._connection.collect(socket_timeout=1)

    def _consume(self) -> None:
        subscription = self._subscription
        self._consumer = Consumer(
            self._connection.channel(),
            queues=[subscription.make_queue()],
            no_ack=not subscription.settled,
            accept=["json"],
            on_message=self._arrived.append,
            on_decode_error=lambda raw, _error: self._arrived.append(raw),
        )
        self._consumer.qos(prefetch_count=subscription.prefetch, apply_global=False)
        self._consumer.consume()

    def _read(self) -> None:
        """Read what is there now, without waiting."""
        for _ in range(_BATCH):
            try:
                self._connection.drain_events(timeout=0)
            except TimeoutError:
                return

    def _patience(self) -> float:
        due = self._settling.due_in(time.monotonic())
        return self._broker.pace.check if due is None else min(due, self._broker.pace.check)

    def _deliver(self, held: Held, handle: Callable[[Delivery], None]) -> None:
        message = self._examined(held)
        if message is None:
            return
        delivery = SettledOnce(
            message,
            routing_key=held.received.routing_key,
            redelivered=held.received.redelivered,
            settle=partial(self._settle, held),
        )
        try:
            handle(delivery)
        except Exception:
            logger.exception("message %s was not handled", message.id)
            with suppress(AlreadySettled):
                delivery.retry()

    def _examined(self, held: Held) -> Message | None:
        """Return the message, or None where it was parked for what it is."""
        if not self._subscription.examined:
            return as_message(held.received)
        if self._subscription.settled and held.received.deliveries > DELIVERY_LIMIT:
            came = held.received.deliveries - 1
            self._settle(held, Outcome.PARK, f"given up after {came} deliveries")
            return None
        try:
            return examine(held.received)
        except Undecodable as error:
            self._settle(held, Outcome.PARK, str(error))
            return None

    def _settle(self, held: Held, outcome: Outcome, reason: str) -> None:
        if self._subscription.settled:
            self._settling.decide(held, outcome, reason)
        elif outcome is Outcome.PARK:
            logger.warning("a message for a listener was dropped: %s", reason)
