"""The queues and bindings that one process shares."""

from __future__ import annotations

from collections import deque
from threading import Condition
from typing import TYPE_CHECKING

from events.bus.port import NotPublished
from events.bus.topology import DEAD_LETTERS, DIRECT, EVENTS, PROGRESS, WORK_QUEUES
from events.bus.wire import Parcel, Received
from events.topic import matches

if TYPE_CHECKING:
    from collections.abc import Sequence


class MemoryBroker:
    """Queues and bindings behind one lock; a retried message goes to the end of its queue."""

    def __init__(self) -> None:
        self.changed = Condition()
        self.queues: dict[str, deque[Received]] = {
            name: deque() for name in (*WORK_QUEUES, DEAD_LETTERS)
        }
        self.bindings: dict[str, list[tuple[str, str]]] = {EVENTS: [], PROGRESS: []}

    def routes(self, parcel: Parcel) -> list[str]:
        """Return the queues that take a parcel; raises NotPublished for an unknown exchange."""
        if parcel.exchange == DIRECT:
            return [parcel.routing_key] if parcel.routing_key in self.queues else []
        if parcel.exchange not in self.bindings:
            raise NotPublished(f"there is no exchange {parcel.exchange}")
        bound = self.bindings[parcel.exchange]
        return sorted({queue for key, queue in bound if matches(key, parcel.routing_key)})

    def put(self, page: Sequence[Parcel]) -> None:
        """Put a page into its queues, or nothing of it; raises NotPublished."""
        with self.changed:
            routed = [(parcel, self.routes(parcel)) for parcel in page]
            lost = [
                parcel.routing_key for parcel, queues in routed if parcel.mandatory and not queues
            ]
            if lost:
                raise NotPublished(f"no queue takes {', '.join(lost)}")
            for parcel, queues in routed:
                for queue in queues:
                    self.queues[queue].append(unread(parcel))
            self.changed.notify_all()


def unread(parcel: Parcel) -> Received:
    """Return a parcel as it lies in a queue."""
    return Received(
        routing_key=parcel.routing_key,
        message_id=parcel.message_id,
        headers=dict(parcel.headers),
        content_type=parcel.content_type,
        body=parcel.body,
        deliveries=0,
        redelivered=False,
    )
