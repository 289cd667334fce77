"""The log goes to the bus: every event in order, and the work that a new test asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event

from events.bus.cloudevents import to_outgoing
from events.bus.port import Bus, Outgoing, Publisher
from events.bus.spans import Sendings
from events.bus.topology import EVENTS
from events.bus.work import QUEUES, work_id, work_outgoing
from events.connection_test import ConnectionTestRequested
from events.detection import DetectionRequested
from events.envelope import RecordedEvent
from events.failpoints import reach
from events.messages import DetectionDispatched, TestDispatched
from events.store.port import Cursors, EventStore, Holding, Wakeup
from events.store.subscription import Subscription, follow
from events.tracing import place_of
from services.config_api.application.context import Clock
from services.config_api.application.relay.tally import (
    DELAY_SECONDS,
    PUBLISHED,
    PUBLISHING_SECONDS,
)

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
        with Sendings(self.bus.system) as sendings:
            page = [one for event in events for one in self._outgoing(event, sendings)]
            with PUBLISHING_SECONDS.time():
                publisher.publish(page)
        reach("relay.published")
        for destination, number in Counter(map(_destination, page)).items():
            PUBLISHED.labels(destination=destination).inc(number)
        DELAY_SECONDS.observe(max(0.0, (self.clock() - events[0].recorded_at).total_seconds()))

    def _outgoing(self, event: RecordedEvent, sendings: Sendings) -> list[Outgoing]:
        trace = place_of(event.traceparent)
        sendings.begin(EVENTS, event.id, trace)
        outgoing = [to_outgoing(event)]
        if (work := _work(event)) is not None:
            place = sendings.begin(QUEUES[type(work)], work_id(work), trace)
            traceparent = None if place is None else place.traceparent
            outgoing.append(work_outgoing(work, at=self.clock(), traceparent=traceparent))
        return outgoing


def _destination(outgoing: Outgoing) -> str:
    return outgoing.exchange or outgoing.routing_key


def _work(event: RecordedEvent) -> TestDispatched | DetectionDispatched | None:
    """Return the work for a tester that an event asks for."""
    _, _, subject = event.stream.partition("-")
    match event.type:
        case ConnectionTestRequested.TYPE:
            return TestDispatched(test_id=subject, attempt=FIRST_ATTEMPT)
        case DetectionRequested.TYPE:
            return DetectionDispatched(detection_id=subject, attempt=FIRST_ATTEMPT)
        case _:
            return None
