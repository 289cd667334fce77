"""A channel with AMQP's confirms, returns and prefetch, on leased rows."""

from __future__ import annotations

import time
from collections import defaultdict
from queue import Empty
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import virtual

from events.bus.embedded.file import transaction
from events.bus.embedded.holding import Holding
from events.bus.embedded.outbox import Outbox
from events.bus.embedded.queues import Queues, Stored

if TYPE_CHECKING:
    from collections.abc import Callable

#: How many messages a listener takes in one transaction.
_BATCH: Final = 256


class Channel(virtual.Channel):  # type: ignore[misc]  # kombu has no types
    """Kombu's virtual channel; everything that others must see lies in the file."""

    QoS = Holding

    def __init__(self, connection: Any, **options: Any) -> None:  # noqa: ANN401 -- kombu has no types
        super().__init__(connection, **options)
        self.file = connection.file
        self.queues = Queues(self.file)
        self.holder = str(uuid4())
        self.events: dict[str, set[Callable[..., None]]] = defaultdict(set)
        self._outbox = Outbox(self.file, self.queues, self.events, ring=connection.ring)
        self._lease_seconds: float = connection.lease_seconds
        self._extend_at = 0.0
        self._unsettled: set[str] = set()
        self._own_queues: set[str] = set()

    def exchange_declare(self, exchange: str, type: str = "topic", **_options: Any) -> None:  # noqa: A002, ANN401 -- kombu's signature
        if type != "topic":
            raise ChannelError(f"the embedded bus has topic exchanges only, not {type}")
        self.queues.declare_exchange(exchange)

    def queue_bind(
        self, queue: str, exchange: str, routing_key: str = "", **_options: object
    ) -> None:
        self.queues.bind(queue, exchange, routing_key)

    def queue_delete(self, queue: str, **_options: object) -> None:
        self.queues.drop_queue(queue)

    def prepare_message(self, body: bytes, **parts: Any) -> dict[str, Any]:  # noqa: ANN401 -- kombu's signature
        return {"body": body, **parts}

    def confirm_select(self) -> None:
        """Keep what is published until `drain_events` commits and confirms it as one page."""
        self._outbox.confirming = True

    def basic_publish(
        self,
        message: dict[str, Any],
        exchange: str,
        routing_key: str,
        **options: Any,  # noqa: ANN401 -- kombu's signature
    ) -> None:
        self._outbox.add(message, exchange, routing_key, mandatory=bool(options.get("mandatory")))

    def basic_consume(self, queue: str, no_ack: bool, *rest: Any, **options: Any) -> None:  # noqa: ANN401, FBT001 -- kombu's signature
        if no_ack:
            self._unsettled.add(queue)
        self.connection.consumed.append(queue)
        super().basic_consume(queue, no_ack, *rest, **options)

    def drain_events(
        self, timeout: float | None = None, callback: Callable[..., None] | None = None
    ) -> None:
        """Confirm what was published, or else deliver what can be had; raises queue.Empty."""
        del timeout  # waiting is the transport's part
        if self._outbox.send():
            return
        if not self._deliver_leased(callback or self.connection._deliver):  # noqa: SLF001 -- kombu's way
            raise Empty

    def ring(self) -> None:
        """Tell other consumers of the same queues that they may have what is given back."""
        self.connection.ring(self.connection.consumed)

    def keep_alive(self) -> None:
        """Extend, in good time, the leases and the queues of this channel."""
        now = time.time()
        if now < self._extend_at <= now + self._lease_seconds:
            return
        self._extend_at = now + self._lease_seconds / 3
        if self.qos.held:
            self.queues.extend(self.holder, until=now + self._lease_seconds)
        for queue in self._own_queues:
            if not self.queues.keep_queue(queue, until=now + 2 * self._lease_seconds):
                raise ChannelError(f"queue {queue} was cleared away")

    def close(self) -> None:
        if not self.closed:
            for queue in self._own_queues:
                self.queues.drop_queue(queue)
        super().close()

    def _deliver_leased(self, deliver: Callable[..., None]) -> int:
        """Settle what was decided and lease more, in one transaction if there is a reason."""
        now = time.time()
        wanted = self._active_queues if self.qos.free() > 0 else []
        if not self.qos.decided() and not self.queues.has_free(wanted, now=now):
            return 0
        with transaction(self.file):
            self.qos.flush()
            leased = [(queue, stored) for queue in wanted for stored in self._get_from(queue, now)]
        self.qos.flushed()
        for queue, stored in leased:
            deliver(_payload(stored), queue)
        return len(leased)

    def _get_from(self, queue: str, now: float) -> list[Stored]:
        if queue in self._unsettled:
            return self.queues.take(queue, limit=_BATCH, now=now)
        until = now + self._lease_seconds
        return self.queues.lease(
            queue, holder=self.holder, limit=self.qos.free(), now=now, until=until
        )

    def _new_queue(self, queue: str, *, exclusive: bool = False, **_options: object) -> None:
        until = time.time() + 2 * self._lease_seconds if exclusive else None
        self.queues.declare_queue(queue, alive_until=until)
        if exclusive:
            self._own_queues.add(queue)

    def _has_queue(self, queue: str, **_options: object) -> bool:
        return self.queues.has_queue(queue)

    def _size(self, queue: str) -> int:
        return self.queues.waiting(queue, now=time.time())

    def _purge(self, queue: str) -> int:
        return self.queues.purge(queue)


def _payload(stored: Stored) -> dict[str, Any]:
    """Return a stored message in the form that kombu's virtual messages are made from."""
    return {
        "body": stored.body,
        "content-type": stored.content_type,
        "headers": {**stored.headers, "x-delivery-count": stored.attempts - 1},
        "properties": {
            "message_id": stored.message_id,
            "delivery_tag": stored.id,
            "delivery_info": {
                "exchange": stored.exchange,
                "routing_key": stored.routing_key,
                "redelivered": stored.attempts > 1,
            },
        },
    }
