"""What a channel publishes: one transaction a page, answered as RabbitMQ answers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from kombu.exceptions import ChannelError

from events.bus.embedded.file import transaction
from events.bus.embedded.queues import Stored, UnknownExchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from events.bus.embedded.queues import Queues

_PERSISTENT: Final = 2
_NO_ROUTE: Final = 312


class Outbox:
    """Messages that are published but not committed yet, and the tags they will have."""

    def __init__(
        self,
        file: Any,  # noqa: ANN401 -- one of two modules' connections
        queues: Queues,
        events: Mapping[str, set[Callable[..., None]]],
        *,
        ring: Callable[[Iterable[str]], None],
    ) -> None:
        self.confirming = False
        self._file = file
        self._queues = queues
        self._events = events
        self._ring = ring
        self._last_tag = 0
        self._page: list[tuple[Stored, bool, bool]] = []

    def add(
        self, message: Mapping[str, Any], exchange: str, routing_key: str, *, mandatory: bool
    ) -> None:
        """Take a message; without confirms it is sent at once."""
        properties = message.get("properties") or {}
        stored = Stored(
            id=0,
            exchange=exchange,
            routing_key=routing_key,
            message_id=properties.get("message_id") or "",
            content_type=message.get("content_type") or "",
            headers=dict(message.get("headers") or {}),
            body=message["body"],
            attempts=0,
        )
        persistent = properties.get("delivery_mode") == _PERSISTENT
        self._page.append((stored, mandatory, persistent))
        if not self.confirming:
            self.send()

    def send(self) -> bool:
        """Commit the page and answer for it; False where there is none.

        An unroutable mandatory message takes back the whole page. Raises ChannelError for an
        exchange that is not declared, sqlite3.Error where the file cannot be written.
        """
        if not self._page:
            return False
        page, self._page = self._page, []
        self._last_tag += len(page)
        returned = self._commit(page)
        for stored in returned:
            error = ChannelError("NO_ROUTE", (60, 50), "Basic.return", _NO_ROUTE)
            self._fire("basic_return", error, stored.exchange, stored.routing_key, stored)
        self._fire("basic_nack" if returned else "basic_ack", self._last_tag, True)  # noqa: FBT003 -- py-amqp's signature
        return True

    def _commit(self, page: list[tuple[Stored, bool, bool]]) -> list[Stored]:
        """Put every message into its queues, or return those that had to reach one and cannot."""
        durable = any(persistent for _, _, persistent in page)
        self._file.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        with transaction(self._file):
            self._queues.drop_stale_queues(now=time.time())
            try:
                routes = self._queues.routes(
                    (stored.exchange, stored.routing_key) for stored, _, _ in page
                )
            except UnknownExchange as error:
                raise ChannelError(str(error)) from error
            returned = [
                stored
                for stored, mandatory, _ in page
                if mandatory and not routes[stored.exchange, stored.routing_key]
            ]
            if not returned:
                for stored, _, _ in page:
                    for queue in routes[stored.exchange, stored.routing_key]:
                        self._queues.put(queue, stored)
        self._ring({queue for takers in routes.values() for queue in takers})
        return returned

    def _fire(self, event: str, *values: object) -> None:
        for callback in self._events[event]:
            callback(*values)
