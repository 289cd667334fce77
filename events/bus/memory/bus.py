"""Makes publishers and consumers of one process."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from events.bus.memory.broker import MemoryBroker
from events.bus.memory.consumer import MemoryConsumer, Source
from events.bus.topology import DEAD_LETTERS, WORK_QUEUES
from events.bus.wire import Parcel, parcel_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.bus.port import Outgoing


class MemoryPublisher:
    """Publishes into the queues of its process."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker

    def publish(self, page: Sequence[Outgoing]) -> None:
        self.send([parcel_of(outgoing) for outgoing in page])

    def send(self, page: Sequence[Parcel]) -> None:
        """Publish parcels as they are."""
        self._broker.put(page)

    def close(self) -> None:
        """Nothing is open."""


class MemoryBus:
    """A bus whose messages end with it."""

    system = "memory"

    def __init__(self) -> None:
        self._broker = MemoryBroker()

    def publisher(self) -> MemoryPublisher:
        return MemoryPublisher(self._broker)

    def consumer(self, queue: str, *, prefetch: int) -> MemoryConsumer:
        self._known(queue)
        return MemoryConsumer(self._broker, Source(queue=queue, prefetch=prefetch))

    def listener(self, bindings: Sequence[tuple[str, str]]) -> MemoryConsumer:
        unknown = {exchange for exchange, _ in bindings} - set(self._broker.bindings)
        if unknown:
            raise ValueError(f"there is no exchange {', '.join(sorted(unknown))}")
        name = f"relaybook.listener-{uuid4()}"
        return MemoryConsumer(
            self._broker, Source(queue=name, prefetch=1, bindings=tuple(bindings))
        )

    def depth(self, queue: str) -> int:
        self._known(queue)
        with self._broker.changed:
            return len(self._broker.queues[queue])

    def _known(self, queue: str) -> None:
        if queue not in (*WORK_QUEUES, DEAD_LETTERS):
            raise ValueError(f"there is no queue {queue}")
