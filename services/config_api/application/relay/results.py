"""Testers' conclusions go from the bus into the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Event, Thread

import structlog

from events.bus.port import Bus, Consumer, Delivery
from events.bus.spans import received
from events.bus.topology import CONNECTION_TEST_RESULTS
from events.bus.work import NotUnderstood, decode_work
from events.envelope import Cause
from events.failpoints import reach
from events.messages import DetectionReported, TestReported
from events.store.port import Holding, StoreUnavailable
from events.tracing import current
from services.config_api.application.connection_tests import ConnectionTests
from services.config_api.application.context import Clock, Context
from services.config_api.application.detections import Detections
from services.config_api.application.relay.tally import FAILURES

_PREFETCH = 32
_LOOK_SECONDS = 0.5
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """Records each conclusion once; what cannot be understood is parked with its reason."""

    bus: Bus
    connection_tests: ConnectionTests
    detections: Detections
    clock: Clock

    @property
    def name(self) -> str:
        """The duty's name."""
        return "results"

    def run(self, holding: Holding, stop: Event) -> None:
        """Record until `stop` or until the duty is lost; raises StoreUnavailable."""
        consumer = self.bus.consumer(CONNECTION_TEST_RESULTS, prefetch=_PREFETCH)
        done, away = Event(), Event()
        watcher = Thread(
            target=_stop_in_time, args=(consumer, holding, (stop, done, away)), name="results-watch"
        )
        watcher.start()
        try:
            consumer.run(lambda delivery: self._handle(delivery, away))
        finally:
            done.set()
            watcher.join()
        if away.is_set():
            raise StoreUnavailable("results wait until the database is back")

    def _handle(self, delivery: Delivery, away: Event) -> None:
        if away.is_set():
            return  # given back unacknowledged when the consumer stops: no try is used up
        queue = CONNECTION_TEST_RESULTS
        with received(delivery.message, system=self.bus.system, queue=queue):
            self._attend(delivery, away)

    def _attend(self, delivery: Delivery, away: Event) -> None:
        try:
            message = decode_work(delivery.message)
        except NotUnderstood as error:
            self._park(delivery, str(error))
            return
        if not isinstance(message, TestReported | DetectionReported):
            self._park(delivery, f"{message.TYPE} is no result")
            return
        self._record(message, delivery, away)

    def _record(
        self, reported: TestReported | DetectionReported, delivery: Delivery, away: Event
    ) -> None:
        place = current()
        cause = replace(
            Cause.by_system("relay"),
            causation_id=delivery.message.id,
            traceparent=None if place is None else place.traceparent,
        )
        ctx = Context(cause=cause, at=self.clock())
        reach("results.received")
        try:
            if isinstance(reported, DetectionReported):
                recorded = self.detections.record(reported, ctx)
            else:
                recorded = self.connection_tests.record(reported, ctx)
        except StoreUnavailable:
            away.set()
            delivery.retry()
            return
        except Exception:  # noqa: BLE001 -- counted, and tried again until the bus parks it
            FAILURES.labels(duty=self.name).inc()
            _log.exception("a result cannot be recorded", message_id=delivery.message.id)
            delivery.retry()
            return
        reach("results.recorded")
        told = "a result is recorded" if recorded else "a result came for what has ended"
        _log.info(told, message_id=delivery.message.id)
        delivery.ack()

    def _park(self, delivery: Delivery, reason: str) -> None:
        FAILURES.labels(duty=self.name).inc()
        _log.warning("a result is parked", message_id=delivery.message.id, reason=reason)
        delivery.park(reason)


def _stop_in_time(consumer: Consumer, holding: Holding, signs: tuple[Event, Event, Event]) -> None:
    """Stop a consumer as soon as one of the signs is given or the duty is lost."""
    stop, done, away = signs
    while not done.wait(_LOOK_SECONDS):
        if stop.is_set() or away.is_set() or not holding.still_held():
            break
    consumer.stop()
