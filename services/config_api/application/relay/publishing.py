"""The log goes to the bus: every event in order, and the work that a new test asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event

from events.bus.cloudevents import to_outgoing
from events.bus.port import Bus, Outgoing, Publisher
from events.bus.work import work_outgoing
from events.connection_test import ConnectionTestRequested
from events.envelope import RecordedEvent
from events.messages import TestDispatched
from events.store.port import Cursors, EventStore, Holding, Wakeup
from events.store.subscription import Subscription, follow
from services.config_api.application.context import Clock

CURSOR = "bus"
_PAGE = 200
FIRST_ATTEMPT = 1


class DutyLost(Exception):
    """Another process may hold the duty by now; whoever works without it must stop."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Publishing:
    """Follows the log with a stored cursor that moves once the broker has confirmed a page."""

    store: EventStore
    cursors: Cursors
    wakeup: Wakeup
    bus: Bus
    clock: Clock

    @property
    def name(self) -> str:
        """The duty's name."""
        return "publishing"

    def run(self, holding: Holding, stop: Event) -> None:
        """Publish until `stop`; raises NotPublished, DutyLost, CursorMoved, StoreUnavailable."""
        publisher = self.bus.publisher()
        subscription = Subscription(CURSOR, self.store, self.cursors, limit=_PAGE)
        try:
            handle = partial(self._publish, publisher, holding)
            follow(subscription, handle, stop=stop, wakeup=self.wakeup)
        finally:
            publisher.close()

    def _publish(
        self, publisher: Publisher, holding: Holding, events: Sequence[RecordedEvent]
    ) -> None:
        if not holding.still_held():
            raise DutyLost(self.name)
        publisher.publish([outgoing for event in events for outgoing in self._outgoing(event)])

    def _outgoing(self, event: RecordedEvent) -> list[Outgoing]:
        outgoing = [to_outgoing(event)]
        if event.type == ConnectionTestRequested.TYPE:
            _, _, test_id = event.stream.partition("-")
            work = TestDispatched(test_id=test_id, attempt=FIRST_ATTEMPT)
            outgoing.append(work_outgoing(work, at=self.clock(), traceparent=event.traceparent))
        return outgoing
