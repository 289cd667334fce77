"""Publishes pages and waits for the confirms of each as a whole, not for one at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from events.bus.broker.confirms import Confirms
from events.bus.port import NotPublished, Outgoing
from events.bus.wire import Parcel, parcel_of
from events.failpoints import reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.bus.broker.broker import Broker

_PERSISTENT: Final = 2
_TRANSIENT: Final = 1


class KombuPublisher:
    """A publisher over a connection of its own, opened when first needed."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._connection: Any = None
        self._channel: Any = None
        self._confirms: Confirms | None = None

    def publish(self, page: Sequence[Outgoing]) -> None:
        self.send([parcel_of(outgoing) for outgoing in page])

    def send(self, page: Sequence[Parcel]) -> None:
        """Publish a page of parcels; raises NotPublished."""
        if not page:
            return
        deadline = time.monotonic() + self._broker.pace.confirm
        try:
            confirms = self._ready()
            confirms.begin()
            reach("publish.begun")
            for parcel in page:
                self._put(parcel, confirms, deadline)
            reach("publish.sent")
            self._await(confirms, deadline)
            reach("publish.confirmed")
        except self._broker.trouble as error:
            self._drop()
            raise NotPublished(f"the broker does not answer: {error!r}") from error
        failure = confirms.failure()
        if failure is not None:
            self.close()  # the next page finds a queue that was deleted declared again
            raise NotPublished(failure)

    def close(self) -> None:
        connection = self._connection
        self._connection = self._channel = self._confirms = None
        if connection is not None:
            connection.release()

    def _ready(self) -> Confirms:
        """Return the confirms of a connection that was alive a moment ago."""
        if self._connection is not None and not self._alive():
            self._drop()
        if self._connection is None or self._confirms is None:
            self._connection = self._broker.connect(heartbeat=False)
            self._channel = self._connection.channel()
            self._confirms = Confirms(self._channel)
        return self._confirms

    def _alive(self) -> bool:
        try:
            self._connection.drain_events(timeout=0)
        except TimeoutError:
            return True
        except self._broker.trouble:
            return False
        return True

    def _put(self, parcel: Parcel, confirms: Confirms, deadline: float) -> None:
        message = self._channel.prepare_message(
            parcel.body,
            content_type=parcel.content_type,
            headers=dict(parcel.headers),
            properties={
                "message_id": parcel.message_id,
                "delivery_mode": _PERSISTENT if parcel.persistent else _TRANSIENT,
            },
        )
        confirms.sent()
        self._channel.basic_publish(
            message,
            exchange=parcel.exchange,
            routing_key=parcel.routing_key,
            mandatory=parcel.mandatory,
            timeout=_left(deadline),
        )

    def _await(self, confirms: Confirms, deadline: float) -> None:
        while confirms.waiting:
            self._connection.drain_events(timeout=_left(deadline))

    def _drop(self) -> None:
        """Forget the connection without a word to a peer that may not listen."""
        if self._connection is not None:
            self._connection.collect(socket_timeout=1)
        self._connection = self._channel = self._confirms = None


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("not confirmed in time")
    return left
