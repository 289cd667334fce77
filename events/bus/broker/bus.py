"""A bus over kombu, for any broker that kombu reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.bus import topology
from events.bus.broker.consumer import KombuConsumer
from events.bus.broker.publisher import KombuPublisher
from events.bus.broker.subscription import listener_subscription, work_subscription
from events.bus.port import BusError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.bus.broker.broker import Broker


class KombuBus:
    """Makes publishers and consumers, each with a connection of its own."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker

    @property
    def system(self) -> str:
        return self.broker.system

    def publisher(self) -> KombuPublisher:
        return KombuPublisher(self.broker)

    def consumer(self, queue: str, *, prefetch: int) -> KombuConsumer:
        return KombuConsumer(self.broker, work_subscription(queue, prefetch=prefetch))

    def listener(self, bindings: Sequence[tuple[str, str]]) -> KombuConsumer:
        return KombuConsumer(self.broker, listener_subscription(tuple(bindings)))

    def depth(self, queue: str) -> int:
        entity = topology.queue(queue)
        try:
            connection = self.broker.connect(heartbeat=False)
            try:
                declared = entity(connection.channel()).queue_declare(passive=True)
            finally:
                connection.release()
        except self.broker.trouble as error:
            raise BusError(f"the broker does not answer: {error!r}") from error
        return int(declared.message_count)
